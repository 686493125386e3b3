law-counts = In law, the following Japanese text counts. The line above is to help you read it.
returned-lead = There is something about your application { $reference } that we have to check. Please put it right or answer on the site of the library, sign again and send it by { $day }. If you applied with pictures of documents, no signature is needed. If you applied at the counter, please come to the counter.
asked-why = { $reason }.
late = After that day
late-what = Your application ends. You can apply again from the beginning.
