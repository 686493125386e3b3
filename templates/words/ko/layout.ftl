# Around every page
service = 도서관 카드 온라인 신청
skip = 본문으로
my-page = 마이 페이지
about = 이 사이트 안내
help = 도움말
counter = 창구
verify = 통지서 확인
accessibility = 접근성
privacy = 개인정보
cookies = 쿠키
telephone = 전화
genuine = 이 사이트의 올바른 주소는 { $address } 입니다. 전화나 이메일로 비밀번호를 묻지 않습니다.
ruby-off = 읽는 법 숨기기
ruby-on = 읽는 법 표시
