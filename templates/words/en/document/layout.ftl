missing-before = 〓 stands for a letter that the typeface of this document lacks (
missing-after = ).
check-what = Read the QR code, or type the code on the following page. Anybody can check it. Names and card numbers are not shown there.
check-page = Page for checking:{ " " }
check-code = Code:{ " " }
check-sealed = This PDF file bears the seal of whoever issued it. The seal is lost when the file is printed.
check-picture = QR code of the page where this notice is checked
seal = Electronic seal of the issuer
