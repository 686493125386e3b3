# Around every page
service = 在线申请图书馆借书卡
skip = 跳到正文
my-page = 我的页面
about = 关于本网站
help = 帮助
counter = 服务窗口
verify = 验证通知书
accessibility = 无障碍
privacy = 个人信息
cookies = Cookie
telephone = 电话
genuine = 本网站的正确地址是 { $address }。我们绝不会通过电话或邮件询问密码。
ruby-off = 隐藏注音
ruby-on = 显示注音
