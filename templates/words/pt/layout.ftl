# Around every page
service = Pedido on-line do cartão da biblioteca
skip = Ir para o conteúdo
my-page = Minha página
about = Sobre este site
help = Ajuda
counter = Balcão
verify = Verificar um aviso
accessibility = Acessibilidade
privacy = Dados pessoais
cookies = Cookies
telephone = Telefone
genuine = O endereço verdadeiro deste site é { $address }. Nunca pedimos PIN nem senha por telefone ou e-mail.
ruby-off = Ocultar a leitura
ruby-on = Mostrar a leitura
