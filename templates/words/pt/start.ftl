title = Pedir o cartão da biblioteca pela internet
lead = Você pode pedir o cartão de { $library } pelo celular ou pelo computador. Não é preciso vir à biblioteca.
duration = Leva cerca de 10 minutos. Você pode salvar e continuar depois.
onward = As páginas seguintes estão em inglês.
begin = Começar o pedido
needs = O que você precisa
need-card = Cartão My Number (マイナンバーカード)
need-card-what = Com o certificado eletrônico para assinatura
need-pin = Senha de assinatura
need-pin-what = 6 a 16 letras maiúsculas e números. Não é a senha de 4 números
need-phone = Um celular que leia o cartão
need-phone-what = Você usará o aplicativo de autenticação digital (デジタル認証アプリ)
need-mail = Um endereço de e-mail
need-mail-what = Para receber o código e os avisos
pins = A senha de assinatura e a senha de 4 números
pins-two = O cartão My Number tem dois tipos de senha.
pin-sign = Para assinatura:
pin-sign-what = 6 a 16 caracteres, com letras maiúsculas e números. É a que se usa aqui.
pin-user = Para identificação do usuário e outras:
pin-user-what = 4 números. Não se usa aqui.
pins-lock = Depois de 5 erros seguidos, o cartão é bloqueado. Se não tiver certeza, confira antes.
pins-help = Esqueci a senha, ou o cartão está bloqueado
steps = Como funciona
step-type = Preencher
step-type-what = Você informa nome, endereço e outros dados.
step-sign = Assinar
step-sign-what = O aplicativo lê o cartão e confirma que é você.
step-check = Nós conferimos
step-check-what = Avisamos por e-mail em até { $days ->
    [one] { $days } dia de funcionamento
   *[other] { $days } dias de funcionamento
 }.
step-number = Receber o número do cartão
step-number-what = Você pode ver o número neste site.
continue = Continuar ou consultar
my-page = Minha página (ver o cartão, avisar perda, renovar)
resume = Continuar um pedido salvo
status = Ver o pedido e os avisos
procedures = Outros serviços (renovação, segunda via e outros)
kept = O que você preencheu fica salvo por { $days ->
    [one] { $days } dia
   *[other] { $days } dias
 }.
other-ways = Outras formas
at-counter = Quem não tem o cartão ou a senha pode pedir no balcão.
young-at-counter = Quem tem menos de { $age } anos pode pedir no balcão.
between-at-counter = Quem tem de { $from } a { $to } anos pode pedir no balcão.
young-by-guardian = Para quem tem menos de { $age } anos, o pai, a mãe ou o responsável pode pedir e assinar com o próprio cartão My Number.
by-pictures = Quem não tem o cartão ou a senha também pode enviar imagens de documentos.
ways = De que formas posso pedir
counter = O que levar e onde
no-number = Não usamos o My Number (número de 12 dígitos). Você nunca digita senhas neste site.
signed-out = Você saiu da sua conta.
