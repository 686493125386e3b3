missing-before = 〓は、この書面の書体にない文字です（
missing-after = ）。
check-what = QRコードを読み取るか、次のページで確認コードを入力してください。だれでも確かめられます。名前やカード番号は表示されません。
check-page = 確かめるページ：
check-code = 確認コード：
check-sealed = このPDFファイルには、発行者の電子印が付いています。電子印は、紙に印刷すると残りません。
check-picture = この通知が本物か確かめるページのQRコード
seal = 発行者の電子印
