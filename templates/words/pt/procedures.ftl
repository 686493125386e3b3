title = O que você quer fazer
back = Voltar ao início
lead = Você pode fazer o seguinte pela internet.
signing = Você assina com o cartão My Number.
by-slip = Quem não pode assinar também pode preencher aqui e depois mostrar os documentos no balcão.
by-pictures = Quem não pode assinar também pode enviar imagens de documentos.
onward = As páginas seguintes estão em inglês.
promised = Avisamos em até { $days ->
    [one] { $days } dia de funcionamento
   *[other] { $days } dias de funcionamento
 }
holders = Para quem já tem o cartão
holders-lead = Ao entrar, você vê a situação do cartão. Se perdeu o cartão, pode bloqueá-lo na hora.
holders-procedures = Você começa um serviço sem digitar de novo os seus dados.
sign-in = Entrar
counter = Fazer no balcão
new-card = Novo cartão da biblioteca
new-card-what = Para fazer o cartão da biblioteca pela primeira vez.
card-link = Registrar o cartão My Number
card-link-what = Registra o cartão My Number no seu cartão da biblioteca. Se o cartão My Number foi renovado, registre-o aqui de novo.
renewal = Prorrogar a validade
renewal-what = Prorroga a validade do cartão da biblioteca.
reissue = Segunda via do cartão
reissue-what = Se o cartão foi perdido ou danificado, ou se o seu nome mudou.
password-issue = Nova senha para reservas
password-issue-what = Emite uma nova senha para reservas. A senha anterior vale até a nova ser emitida.
change = Mudar os dados do cadastro
change-what = Avise quando mudar o endereço, o nome, o telefone ou o e-mail.
