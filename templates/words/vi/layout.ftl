# Around every page
service = Đăng ký thẻ thư viện trực tuyến
skip = Đến nội dung chính
my-page = Trang của tôi
about = Về trang web này
help = Trợ giúp
counter = Quầy
verify = Kiểm tra thông báo
accessibility = Khả năng tiếp cận
privacy = Thông tin cá nhân
cookies = Cookie
telephone = Điện thoại
genuine = Địa chỉ đúng của trang web này là { $address }. Chúng tôi không bao giờ hỏi mã PIN hay mật khẩu qua điện thoại hoặc email.
ruby-off = Ẩn cách đọc
ruby-on = Hiện cách đọc
