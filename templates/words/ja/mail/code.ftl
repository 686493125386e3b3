subject = 確認コード
body =
    確認コード：{ $code }

    { $until }まで使えます。
    画面にもどって入力してください。
