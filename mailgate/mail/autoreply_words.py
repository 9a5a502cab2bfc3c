"""The words of automatic replies, language by language: subjects that machines write, subjects that people may write
too, and the sentences of those who are away.

Takes text; gives tables, folded (`fold.squeeze`), and two questions about a subject.
Promises: a subject counts only at its beginning. Strong subjects ("Automatic reply: ...") are enough by themselves;
weak ones ("Out of office") need a body or a header field that says the same. Turkish first.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze, subject_words

# Followed by a colon these are the prefixes that servers put before the subject they answer.
_STRONG = """
otomatik yanit|otomatik yanitla|otomatik cevap|otomatik yanıtlama|ofis disinda otomatik yaniti|ofis disi otomatik yanit
ofis disinda otomatik yanit|is yeri disinda otomatik yaniti|otomatik mesaj yaniti|otomatik e-posta yaniti|oto yanit|oto cevap
automatic reply|auto reply|auto-reply|autoreply|automated reply|automatic response|auto response|auto-response|autoresponse
automated response|out of office autoreply|out of office auto-reply|out-of-office autoreply
out of office auto reply|out of office automatic reply|out of office reply|out of office response|automatic out of office reply
out-of-office reply|vacation reply|vacation response|vacation auto-reply|vacation autoreply
automatic email reply|automatic e-mail reply|automatic answer|autoreply from|away auto reply|auto reply from|autoanswer
ooo auto reply|auto-réponse|[auto-reply]|[autoreply]|[auto reply]|(auto reply)
automatische antwort|automatische antwort auf|automatische abwesenheitsnotiz|abwesenheitsnotiz|abwesenheitsnachricht
abwesenheitsbenachrichtigung|automatische abwesenheitsmeldung|automatische ruckantwort|autoantwort
automatisch generierte antwort|automatische ruckmeldung|autom. antwort|abwesenheits-notiz|abwesenheitsagent|automatische e-mail-antwort
abwesenheitsassistent|automatisierte antwort
reponse automatique|reponse automatique d'absence|message automatique d'absence|message d'absence automatique
reponse automatique suite a|absence du bureau reponse automatique|message d'absence|reponse auto|auto reponse
respuesta automatica|respuesta automatica de|respuesta automatica fuera de la oficina|autorespuesta|auto-respuesta|auto respuesta
contestacion automatica|respuesta automatica por ausencia|respuesta de fuera de la oficina
resposta automatica|resposta automatica de|auto-resposta|autoresposta|auto resposta|resposta automatica de ausencia
resposta automatica de ausencia temporaria|aviso de ausencia automatico|resposta de ausencia temporaria
risposta automatica|risposta automatica fuori sede|autorisposta|auto-risposta|risposta automatica di
risposta automatica fuori ufficio|messaggio automatico di assenza
automatisch antwoord|automatische antwoord|automatische beantwoording|afwezigheidsbericht
afwezigheidsassistent|automatisch afwezigheidsbericht|auto-antwoord|automatische reactie|automatisch antwoordbericht|autoantwoord
automatyczna odpowiedz|odpowiedz automatyczna|autoodpowiedz|auto-odpowiedz|odpowiedz automatyczna poza biurem
automaticka odpoved|automatizovana odpoved|odpoved v nepritomnosti|automaticka odpoved mimo kancelar|odpoved z dovolene
automaticka odpoved mimo kancelarie|odpoved v nepritomnosti
automatikus valasz|automatikus valaszuzenet|hazon kivul automatikus valasz|automata valasz|irodan kivul automatikus valasz
raspuns automat|raspuns automat absenta|mesaj automat de absenta|auto-raspuns
автоматический ответ|автоответ|автоматическое уведомление об отсутствии|автоматический ответ на|автоматическое сообщение об отсутствии
автоматична відповідь|автовідповідь
autosvar|automatiskt svar|automatiskt franvaromeddelande|autosvar vid franvaro|automatsvar|auto svar
automatisk svar|autosvar|automatisk besvarelse|automatisk svarmeddelelse
automatisk fraværsmelding|ikke til stede autosvar|autosvar ved fravaer
automaattinen vastaus|automaattivastaus|poissaoloviesti|automaattinen poissaoloviesti|automaattinen vastausviesti
automatski odgovor|automatski odgovor na|samodejni odgovor|avtomatski odgovor|аутоматски одговор|avtomaticni odgovor|samodejni odziv
αυτοματη απαντηση|αυτοματη απαντηση εκτος γραφειου|αυτοματο μηνυμα απουσιας
автоматичен отговор|автоматичен отговор от
automaatvastus|automaatne vastus|automaatne vastuskiri
automatiska atbilde|automatiskā atbilde|automatiska atbilde uz
automatinis atsakymas|automatinis atsakas
תשובה אוטומטית|מענה אוטומטי|תגובה אוטומטית
رد تلقائي|الرد التلقائي|رد آلي|الرد الآلي|رد تلقائى|رد خارج المكتب
自動応答|自動返信|自動応答メール|自動返信メール|不在自動応答|不在時自動応答|自動不在通知|不在応答|不在メッセージ
自动答复|自动回复|自动应答|自動回覆|自動答覆|自動回復|自動回复|自动回覆|自動應答|不在办公室自动答复|外出自动回复|假期自动回复
자동 회신|자동회신|자동 응답|자동응답|자동 답장|자동답장|부재중 자동응답|부재 중 자동 응답
tra loi tu dong|tu dong tra loi|thu tra loi tu dong|phan hoi tu dong|tu dong phan hoi|tu dong tra loi thu
ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|ข้อความตอบกลับอัตโนมัติ|ตอบรับอัตโนมัติ|การตอบอัตโนมัติ
balasan otomatis|jawaban otomatis|balasan automatis|respon otomatis|balas automatik|balasan automatik|jawapan automatik
resposta automatica|resposta automàtica|erantzun automatikoa|sjalfvirkt svar|स्वचालित उत्तर|स्वचालित जवाब|پاسخ خودکار|pergjigje automatike
автоматски одговор|avtomatik cavab|автоматты жауап|automatic respons|automatisk svar pa
"""

# Subjects of those who are away. A colleague may write them too: they need a second witness.
_WEAK = """
notification d'absence|notifica di assenza|不在通知|poissaoloilmoitus|fravaersmelding|automatisk fravaersmelding|afwezigheidsmelding|abwesenheitsmeldung|franvaromeddelande|automatisch bericht|automaticka sprava|הודעה אוטומטית
autoresponder|auto-responder|auto responder|автоответчик|автовідповідач|this is an automatic reply|repondeur automatique|risponditore automatico|fravaersmeddelelse|fravaersassistent|mensaje automatico de ausencia|auto acknowledgement|out of office notification
ofis disinda|ofis disindayim|ofis disi|ofiste degilim|ofiste olmayacagim|ofiste bulunmuyorum|izindeyim|izinliyim|izinli|yillik izin|yillik izindeyim
yillik iznimi|is yeri disinda|isyeri disinda|tatildeyim|raporluyum|ofis disindayim|sehir disindayim|izin bilgisi|yurt disindayim|dogum izni
out of office|out of the office|out-of-office|ooo|ooto|on vacation|on holiday|on holidays|on leave|on annual leave|annual leave|vacation
i am out of office|i am out of the office|i'm out of the office|i am on|i'm on|i am away|i'm away|away from my mail|away from the office
away from office|away from my desk|away on|away until|away message|absence|absent|absence notice|maternity leave|parental leave|sick leave
sabbatical|not in the office|currently out of|currently away|out until|out today|limited access to email|vacation notice|vacation message
vacation notification|holiday notice|gone fishing|thank you for your email|thank you for your e-mail|thank you for your message
thank you for contacting|thanks for your email|thanks for your message|thanks for contacting|we have received your|we received your
your email has been received|your message has been received|message received|received your|auto:|no longer with|no longer works
no longer employed|has left the company|left the company|change of email|change of e-mail|new email address|my new email|email address change
abwesend|abwesenheit|ich bin abwesend|nicht im buro|ausser haus|urlaub|im urlaub|in urlaub|bin im urlaub|ich bin nicht|ich bin im|ich bin bis
buro nicht besetzt|elternzeit|mutterschutz|krank|nicht erreichbar|derzeit nicht|bin ausser haus|ihre nachricht|ihre e-mail|vielen dank fur ihre
empfangsbestatigung|eingangsbestatigung|mitarbeiter ausgeschieden|ausser dienst
absence du bureau|absent du bureau|absent|absente|absence|en conges|conges|conge|je suis absent|je suis absente|en vacances|hors du bureau|hors bureau
conge maternite|en deplacement|absence prolongee|je suis en|votre message|accuse de reception|merci pour votre
fuera de la oficina|fuera de oficina|ausente|de vacaciones|vacaciones|estoy de|estoy fuera|ausencia|ausente de la oficina|no estoy|fuera del despacho
en vacaciones|baja maternal|acuse de recibo|gracias por
fora do escritorio|ausente|ausencia|ausencia temporaria|ausente do escritorio|de ferias|ferias|estou de|estou fora|fora da empresa|em ferias
ausente do trabalho|licenca maternidade|obrigado pelo|fora de escritorio
fuori sede|fuori ufficio|assente|assenza|assente dall'ufficio|in ferie|ferie|sono assente|sono in|sono fuori|fuori dall'ufficio|congedo|maternita|chiusura
conferma di ricezione|grazie per
afwezig|niet aanwezig|buiten kantoor|niet op kantoor|vakantie|op vakantie|ik ben|met vakantie|afwezigheid|met verlof|zwangerschapsverlof|uit kantoor
ontvangstbevestiging|bedankt voor
poza biurem|nieobecnosc|nieobecny|nieobecna|jestem nieobecny|jestem nieobecna|urlop|na urlopie|jestem na|poza biurem do|nieobecnosc w biurze|jestem poza
mimo kancelar|nepritomnost|nepritomen|nepritomna|dovolena|na dovolene|jsem mimo|mimo pracoviste|mimo firmu|nejsem v kancelari
mimo kancelarie|nepritomnost|dovolenka|na dovolenke|som mimo|nie som v kancelarii|neprítomný
hazon kivul|irodan kivul|tavollet|nem vagyok|szabadsag|szabadsagon|szabadsagon vagyok|tavol vagyok|tavolleti|nyaralok
absent de la birou|absenta|in afara biroului|plecat din birou|concediu|in concediu|sunt in|nu sunt la birou|absent
вне офиса|нет на работе|в отпуске|отпуск|отсутствие|я в отпуске|отсутствую|нет в офисе|я отсутствую|нет на месте|на больничном|нахожусь в отпуске|отсутствие на рабочем месте
в командировке|буду отсутствовать|меня нет
поза офісом|у відпустці|відпустка|відсутність|я у відпустці|відсутній|відсутня|немає на роботі
franvaro|franvarande|ej pa kontoret|inte pa kontoret|semester|pa semester|jag ar|ej pa plats|foraldraledig|ledig|tjanstledig|utanfor kontoret
fravaer|fravaerende|ikke til stede|ikke pa kontoret|ferie|pa ferie|jeg er|ude af kontoret|barsel|holder ferie|fridag|ikke pa kontor|ute av kontoret|permisjon
poissa toimistosta|poissaolo|poissa|lomalla|loma|olen|vuosiloma|olen lomalla|en ole|aitiysloma|vanhempainvapaa|olen poissa
izvan ureda|van kancelarije|godisnji odmor|na godisnjem|odsutnost|odsutan|odsutna|odsotnost|odsoten|odsotna|dopust|na dopustu|nisem v pisarni|odsustvo|odsutan sam
ван канцеларије|годишњи одмор|одсуство|на одмору|odsustvo|izven pisarne
εκτος γραφειου|απουσια|απουσιαζω|αδεια|σε αδεια|ειμαι|απουσια απο το γραφειο|εκτος του γραφειου
извън офиса|отсъствие|в отпуск|отпуск|отсъствам|отпуска
kontorist valjas|puhkus|puhkusel|olen puhkusel|eemal|kontorist eemal|viibin puhkusel
arpus biroja|prombutne|atvalinajums|atvalinajuma|esmu atvalinajuma|neesmu biroja
ne biure|nesu biure|atostogos|atostogose|nesu darbe|atostogauju|nedarbe
מחוץ למשרד|לא במשרד|בחופשה|חופשה|אני בחופשה|נעדר|אינני במשרד
خارج المكتب|خارج العمل|في اجازة|إجازة|اجازة|غائب|انا في اجازة|عطلة
不在|不在にしております|休暇|外出中|夏季休暇|休業|年末年始|お休み|出張中|退職|休暇中|不在のお知らせ|受付完了|お問い合わせありがとう
外出|不在办公室|不在辦公室|休假|出差|度假|正在休假|我在休假|年假|请假|休假中|离职|離職|邮件已收到|来信已收到|您的来信|来信收到
부재|부재중|부재 중|휴가|휴가중|휴가 중|출장|출장중|외근|사무실 부재|육아휴직|퇴사
vang mat|nghi phep|toi dang|ngoai van phong|khong co mat tai van phong|di cong tac|nghi le
ไม่อยู่|ไม่อยู่ที่ทำงาน|ลาพักร้อน|นอกสำนักงาน|ไม่อยู่ที่สำนักงาน|ลางาน|ลาหยุด
di luar kantor|cuti|sedang cuti|tidak di kantor|luar kantor|di luar pejabat|tidak berada di|sedang tidak di kantor
fora de l'oficina|fora de l'oficina|bulegotik kanpo|ekki a skrifstofunni|in sumarfrii
"""

# Sentences of a machine about itself, or of one who lets it answer.
_AUTOMATIC = """
otomatik yanit|otomatik cevap|otomatik olarak gonderil|otomatik bir yanit|otomatik bir mesaj|otomatik mesajdir|iletiniz iletilmeyecek
e-postaniz iletilmeyecek|en kisa surede donus|dondugumde|donusumde|geri dondugumde|donus yapacag|maillerinize|mailinize donus|iletinize
e-postaniza|e-postalariniza|mailleri gec yanitla|acil durumlarda|acil konular|acil durumlar
automatic reply|automated reply|auto-reply|autoreply|auto reply|automatic response|automated response|auto-response|auto-generated
automatically generated|automated message|automatic message|automated email|automatic e-mail|auto response|autoresponder|automated acknowledg
your email will not be forwarded|your message will not be forwarded|will not be forwarded|mail will not be read|messages are not forwarded
when i return|upon my return|on my return|after my return|when i get back|when i am back|once i return|once i'm back|as soon as i return|will respond to your
will reply to your|will be answered|will be read|for urgent|if urgent|in urgent cases|if your message is urgent|if you need immediate|if this is urgent|urgent matters
for immediate assistance|in case of emergency|in my absence|during my absence|while i am away|while i'm away|until i return|during this time
thank you for your email|thank you for your e-mail|thank you for your mail|thank you for your message|thanks for your email|thanks for your message
thank you for contacting|we have received your|we received your|has been received|i received your|thank you for writing|no longer working|no longer with|no longer work
no longer employed|has left|left the company|my new email|email has changed|address has changed|no longer in use|not monitored|no longer monitored|please contact
automatische antwort|automatisch generiert|automatisch erstellt|nicht weitergeleitet|nach meiner ruckkehr|in dringenden fallen|bei dringenden|wahrend meiner abwesenheit
in meiner abwesenheit|vielen dank fur ihre nachricht|vielen dank fur ihre e-mail|danke fur ihre|ihre nachricht wird|ihre e-mail wird|wird nicht weitergeleitet|bitte wenden sie sich
reponse automatique|message automatique|a mon retour|des mon retour|en cas d'urgence|pour toute urgence|en mon absence|pendant mon absence|durant mon absence|merci pour votre message
j'ai bien recu|votre message ne sera pas|bien recu votre|vous pouvez contacter|veuillez contacter|merci de contacter|merci de votre
respuesta automatica|mensaje automatico|a mi regreso|a mi vuelta|a la vuelta|en caso de urgencia|para asuntos urgentes|durante mi ausencia|en mi ausencia|gracias por su mensaje|gracias por su correo
pueden contactar|puede contactar|ponerse en contacto|por favor contact|gracias por contactar|responderé
resposta automatica|mensagem automatica|no meu regresso|ao meu retorno|em caso de urgencia|assuntos urgentes|durante a minha ausencia|na minha ausencia|durante minha ausencia|obrigado pelo|assim que retornar|por favor contate|favor contatar|favor contactar|por favor contact
risposta automatica|messaggio automatico|al mio rientro|al mio ritorno|per urgenze|in caso di urgenza|durante la mia assenza|in mia assenza|grazie per il|grazie per la|rispondero|contattare
automatisch antwoord|automatisch gegenereerd|bij mijn terugkeer|na mijn terugkeer|bij terugkomst|voor dringende|in dringende gevallen|tijdens mijn afwezigheid|bedankt voor uw|dank voor uw|wordt niet doorgestuurd|contact opnemen
automatyczna odpowiedz|wiadomosc automatyczna|wygenerowana automatycznie|po powrocie|w sprawach pilnych|w pilnych sprawach|podczas mojej nieobecnosci|dziekuje za wiadomosc|prosze o kontakt
automaticka odpoved|automaticky generovan|po navratu|po mem navratu|v nalehavych|v pripade nalehav|v naliehavych|po mojom navrate|dekuji za|dakujem za|kontaktujte
automatikus valasz|visszateresem|visszaerkez|surgos esetben|surgos ugyben|tavolletem|koszonom a levelet|koszonjuk a levelet|keresse|levelere
raspuns automat|mesaj automat|la intoarcere|la revenire|pentru urgente|in caz de urgenta|in lipsa mea|va multumesc pentru|contactati
автоматический ответ|автоматическое сообщение|по возвращении|после возвращения|по срочным|в срочных случаях|на время моего отсутствия|во время моего отсутствия|спасибо за ваше|ваше письмо получено|обращайтесь|обращаться|отвечу
автоматична відповідь|після повернення|у термінових|звертайтеся|звертайтесь|дякую за ваш|відповім
automatiskt svar|autosvar|nar jag ar tillbaka|vid bradskande|under min franvaro|tack for ditt|kontakta|vid akuta
automatisk svar|nar jeg er tilbage|nar jeg er tilbake|ved hastesager|ved akutte|i mit fravaer|under mitt fravaer|tak for din|takk for din|kontakt venligst|kontakt
automaattinen vastaus|palattuani|palaan|kiireellisissa|kiireisissa|poissaoloni aikana|kiitos viestista|ota yhteytta
automatski odgovor|po povratku|u hitnim|za hitne|v nujnih|po vrnitvi|u mojoj odsutnosti|hvala na|hvala za|kontaktirajte|samodejni odgovor|аутоматски одговор|обратите се|po mojem vracilu|pisite
αυτοματη απαντηση|επιστροφη μου|επιστρεψω|επειγον|επειγοντα|κατα την απουσια|ευχαριστω για|επικοινωνησ
автоматичен отговор|при спешни|за спешни|след завръщане|благодаря за|свържете се|се свържете
automaatvastus|kiiretes|kiireloomul|tagasi|poorduge|steidzamos|steidzamu|atgriez|sazinie|skubiais|grizes|kreipkites|susisiek
תשובה אוטומטית|בחזרתי|כשאחזור|לעניינים דחופים|במקרה דחוף|תודה על|ניתן לפנות|אחזור
رد تلقائي|عند عودتي|للحالات العاجلة|للامور العاجلة|شكرا|يرجى التواصل|الاتصال ب
自動応答|自動返信|自動的に送信|戻り次第|帰社後|お急ぎの|緊急の|ご連絡ください|ご連絡は|改めてご連絡|送信専用|メールありがとう|お問い合わせいただき
自动回复|自动答复|自動回覆|自動答覆|系统自动|系統自動|回来后|返回后|回來後|如有急事|紧急|緊急|请联系|請聯絡|請聯繫|来信已收到|尽快回复|儘快回覆|尽快给您
자동 회신|자동 응답|자동응답|자동으로 발송|복귀 후|복귀하는|급한|긴급|연락 주|연락주|연락 바랍|문의
tra loi tu dong|tu dong|sau khi tro lai|truong hop khan|khan cap|lien he|cam on
ตอบกลับอัตโนมัติ|อัตโนมัติ|เร่งด่วน|ติดต่อ|ขอบคุณ|กลับมา
balasan otomatis|otomatis|setelah kembali|saya kembali|hal mendesak|keadaan darurat|menghubungi|hubungi|terima kasih
"""

# Sentences that answer a message, which nobody writes who begins a conversation.
_RECEIVED = """
thank you for your email|thank you for your e-mail|thank you for your mail|thank you for your message|thanks for your email|thanks for your e-mail|thanks for your message
thank you for contacting|thank you for writing|thank you for your interest|we have received your|i have received your|received your email|received your message|your email has been received
your message has been received|this is an automatic|this is an automated|this is an auto|automated response|automatically generated reply|your email will not be forwarded|your message will not be forwarded
will respond to your email|will respond to your message|will reply to your|will answer your|respond to your email|reply to your email|reply to your message|your email is important
mailiniz icin tesekkur|e-postaniz icin tesekkur|iletiniz icin tesekkur|mesajiniz icin tesekkur|mesajiniz alinmistir|mailinize|e-postaniza|iletinize|mesajiniza|maillerinize|e-postalariniza|bu otomatik|bu bir otomatik|otomatik yanittir|otomatik olarak|iletiniz iletilmeyecek|mesajiniz bize ulas
vielen dank fur ihre|danke fur ihre|vielen dank fur deine|ihre nachricht wird|ihre e-mail wird|ihre mail wird|ihre e-mails werden|ihre nachrichten werden|automatisch generierte|automatisch erstellte|automatische antwort|nicht weitergeleitet|ihre anfrage
merci pour votre|merci de votre|bien recu votre|votre message ne sera|votre mail ne sera|reponse automatique|message automatique|je repondrai|repondrai a votre|votre message sera|j'ai bien recu
gracias por su|gracias por tu|gracias por contactar|hemos recibido su|he recibido su|mensaje automatico|respuesta automatica|respondere a su|contestare a su
obrigado pelo|obrigada pelo|obrigado por|agradeco o seu|agradecemos o seu|recebemos a sua|recebemos seu|mensagem automatica|resposta automatica|responderei
grazie per il|grazie per la|grazie per aver|ho ricevuto il|abbiamo ricevuto|messaggio automatico|risposta automatica|rispondero
bedankt voor uw|bedankt voor je|dank voor uw|hartelijk dank voor|uw bericht wordt|uw e-mail wordt|uw mail wordt|automatisch gegenereerd|automatisch antwoord
dziekuje za|dziekujemy za|odpowiem na|automatyczna odpowiedz|wiadomosc automatyczna|dekuji za|dekujeme za|vas e-mail|automaticka odpoved|dakujem za|dakujeme za|vas mail
koszonom|koszonjuk|levelere|automatikus valasz|va multumesc|va multumim|mesaj automat|raspuns automat|спасибо за ваше|спасибо за письмо|благодарю за|ваше письмо|вашем письмо|автоматическ|отвечу на ваше
дякую за|дякуємо за|автоматичн|ваш лист|tack for ditt|tack for din|automatiskt svar|tak for din|takk for din|automatisk svar|kiitos viestista|kiitos viestistasi|automaattinen|hvala na|hvala za|hvala vam|automatski odgovor
samodejni odgovor|аутоматски|хвала на|ευχαριστω για|ευχαριστουμε για|αυτοματη απαντηση|αυτοματο μηνυμα|благодаря за|благодарим|автоматичен|automaatvastus|tanan kirja|taname kirja|aitah kirja|paldies par|automatiska|aciu uz|dekoju uz|automatinis
תודה על|קיבלתי את|תשובה אוטומטית|מענה אוטומטי|شكرا على|شكرا ل|رد تلقائي|رسالة تلقائية|自動応答|自動返信|メールありがとう|メールをいただ|ご連絡ありがとう|ご連絡をいただ|お問い合わせいただき|お問い合わせありがとう
自动回复|自动答复|自動回覆|自動答覆|自動回復|来信|來信|您的邮件|您的郵件|已收到|자동 회신|자동 응답|자동응답|자동으로|메일을 보내|메일 감사|메일을 확인|회신
cam on ban da|cam on|thu tu dong|tra loi tu dong|ขอบคุณ|ตอบกลับอัตโนมัติ|terima kasih|balasan otomatis|pesan otomatis
"""

# Sentences of one who is away.
_AWAY = """
no longer works|no longer working|no longer with|no longer employed|has left the company|left the company|artik calismamakta|gorevinden ayril|isten ayril|nicht mehr im unternehmen|ne fait plus partie|ya no trabaja|nao trabalha mais|non lavora piu|niet meer werkzaam
ofis disinda|ofiste degilim|ofiste olmayacag|ofiste bulunm|izindeyim|izinde olacag|izinliyim|izinde bulun|izinde olmam|yillik izin|yillik iznim|tatildeyim|raporluyum
sehir disinda|yurt disinda|gorev nedeniyle|e-postalarima erisim|maillerime erisim|maillerimi kontrol|e-posta erisimim|isyerinde degilim|iznim
out of the office|out of office|on vacation|on annual leave|on leave|on holiday|on holidays|annual leave|parental leave|maternity leave|paternity leave|sick leave|away from the office
away from my|i am away|i'm away|i will be away|i'll be away|i am out|i'm out|i will be out|i'll be out|not in the office|limited access|no access to|no access to my e|currently away|currently out
currently unavailable|i am currently|i'm currently|i am on|i am travel|i'm travel|be back on|be back in|back in the office|returning on|will return on|will be returning|office is closed|offices are closed|we are closed|office will be closed
nicht im buro|nicht im hause|ausser haus|im urlaub|in urlaub|abwesend|nicht erreichbar|bin ich wieder|wieder im buro|wieder erreichbar|meine mails|nicht am arbeitsplatz|in elternzeit|kein zugriff|keinen zugriff|nicht im haus
absent du bureau|absente du bureau|je suis absent|je suis absente|je serai absent|je suis actuellement|en conges|en conge|en vacances|en deplacement|de retour le|hors du bureau|je suis en|absent jusqu|absente jusqu|je serai de retour|de retour au bureau|indisponible
fuera de la oficina|estoy de vacaciones|estare de vacaciones|estare fuera|me encuentro|estoy ausente|estare ausente|de baja|no estare|hasta el proximo|hasta el dia|vuelvo el|fuera del
fora do escritorio|estou de ferias|estarei de ferias|estarei ausente|estou ausente|encontro-me|estou fora|estarei fora|em ferias|ausente do|sem acesso
fuori sede|fuori ufficio|sono assente|saro assente|sono in ferie|saro in ferie|in ferie|assente dal|fuori dall'ufficio|saro fuori|non sono in ufficio|rientrero|chiuso per|chiusi per
niet aanwezig|afwezig|op vakantie|met vakantie|niet op kantoor|buiten kantoor|weer aanwezig|ben ik weer|met verlof|niet bereikbaar
poza biurem|jestem nieobecn|na urlopie|bede nieobecn|przebywam|poza firma|wracam|nieobecna|nieobecny|nie ma mnie|do dnia
mimo kancelar|mimo pracovist|na dovolene|nepritomen|nepritomna|nejsem v|jsem mimo|cerpam dovolenou|budu zpet|na dovolenke|som mimo|nie som v|nepritomny|cerpam dovolenku
hazon kivul|irodan kivul|szabadsagon|nem vagyok|tavol vagyok|tavol leszek|nem leszek
absent de la birou|in concediu|nu sunt la birou|nu voi fi|plecat din|voi reveni|revin|sunt plecat
в отпуске|вне офиса|отсутствую|буду отсутствовать|нет на работе|нет в офисе|на больничном|в командировке|нахожусь|отсутствует
у відпустці|поза офісом|відсутній|відсутня|перебуваю|буду відсут
pa semester|ej pa kontoret|inte pa kontoret|franvarande|ar ledig|tillbaka den|ar tillbaka|foraldraledig|ar bortrest|utan tillgang
pa ferie|ikke pa kontoret|fravaerende|holder ferie|tilbage den|tilbake den|er tilbage|er tilbake|har ferie|pa barsel|ikke til stede|har fri|er ikke pa
lomalla|poissa|en ole toimistolla|vuosilomalla|en ole paikalla|olen poissa|matkoilla
na godisnjem|izvan ureda|van kancelarije|odsutan|odsutna|na dopustu|odsoten|odsotna|nisam u|nisem v|на годишњем|на одмору|ван канцеларије
εκτος γραφειου|σε αδεια|απουσιαζω|θα απουσιαζω|θα λειπω|λειπω|αδεια
в отпуск|извън офиса|отсъствам|ще отсъствам|няма да съм
puhkusel|kontorist|eemal|atvalinajuma|arpus biroja|prombutne|neesmu|atostog|ne biure|nesu
בחופשה|מחוץ למשרד|לא במשרד|אינני נמצא|איני נמצא|לא אהיה
في اجازة|في إجازة|خارج المكتب|خارج العمل|لست في المكتب|غائب
不在|休暇|外出し|出張|お休みをいただ|休業|退職|休みを
不在办公室|不在辦公室|休假|出差|度假|外出|请假|請假|离职|年假|无法及时|假期
부재중|부재 중|휴가|출장|자리를 비|사무실에 없|퇴사|휴직
vang mat|nghi phep|khong co mat|di cong tac|ngoai van phong
ไม่อยู่|ลาพักร้อน|ลางาน|ลาหยุด|นอกสำนักงาน
di luar kantor|sedang cuti|cuti|tidak berada|tidak di kantor|luar pejabat
"""

RECEIPT_SUBJECTS = tuple(
    squeeze(word) for word in (
        "read:|read receipt|return receipt|read receipt:|not read:|okundu:|okunmadı:|okundu bilgisi|okundu bildirimi|okundu -|gelesen:|ungelesen|"
        "lesebestätigung|empfangsbestätigung|lu :|lu:|non lu|accusé de réception|accusé de lecture|leído:|leido:|confirmación de lectura|no leído|"
        "lida:|lido:|confirmação de leitura|não lida|letto:|conferma di lettura|non letto|gelezen:|leesbevestiging|ontvangstbevestiging|przeczytano|"
        "przeczytane|potwierdzenie przeczytania|přečteno|prečítané|potvrzení o přečtení|olvasva|elolvasva|citit:|confirmare de citire|прочитано:|прочтено:|"
        "уведомление о прочтении|прочитано|läst:|läskvitto|læst:|lest:|lesebekreftelse|kvittering|luettu:|vastaanottoilmoitus|pročitano|prebrano|"
        "αναγνώστηκε|διαβάστηκε|прочетено|loetud|izlasīts|perskaityta|נקרא:|تمت القراءة|تمت قراءة|مقروءة|開封済み|開封確認|既読|已读|已读:|已讀|读取回执|읽음:|수신 확인|đã đọc|อ่านแล้ว|"
        "dibaca:|telah dibaca|disposition notification|message disposition|displayed:|return receipt (displayed)|delivered:|delivery receipt|relayed:|"
        "teslim edildi:|iletildi:|zugestellt:|remis :|entregado:|entregue:|consegnato:|bezorgd:"
    ).split("|")
)  # fmt: skip


# Sentences of receipts.
_SEEN = """
was read on|was read at|was read by|has been read|message was read|been displayed|was displayed on|displayed on the recipient|this is a receipt for the|return receipt
has been delivered to the following|been successfully delivered|was successfully delivered|your message was delivered|have been delivered to|was delivered to the following
was deleted without being read|tarihinde okundu|okundu bilgisi|okunmustur|okundu.|saatinde okundu|iletiniz okundu|okunmadan silindi|teslim edildi|iletinin okundu
wurde gelesen|gelesen am|wurde am|angezeigt|lesebestatigung|empfangsbestatigung|zugestellt|a ete lu|a ete lue|ete lu le|accuse de reception|fue leido|se leyo|ha sido leido|confirmacion de lectura
foi lida|foi lido|confirmacao de leitura|e stato letto|e stata letta|conferma di lettura|is gelezen|werd gelezen|leesbevestiging|zostala przeczytana|przeczytano|bylo precteno|byla prectena
elolvastak|a fost citit|было прочитано|прочитано|прочтено|lastes|har lasts|blev laest|er laest|ble lest|er lest|on luettu|luettiin|開封されました|開封確認|既読|阅读|閱讀|已读|읽었습니다|읽음
"""


def _table(block: str) -> tuple[str, ...]:
    words = (squeeze(word) for line in block.splitlines() for word in line.split("|"))
    return tuple(word for word in dict.fromkeys(words) if len(word) > 1)


STRONG = _table(_STRONG)
WEAK = _table(_WEAK)
AUTOMATIC = _table(_AUTOMATIC)
RECEIVED = _table(_RECEIVED)
AWAY = _table(_AWAY)
SEEN = _table(_SEEN)

# Domino: "Berta Beispiel/Office/Company is out of the office (returning 03.06.2024)."
_SOMEBODY_AWAY = re.compile(
    r"[^:?!]{2,80} (?:is out of (?:the )?office|is on vacation|is away|will be out of the office|ist ausser haus|ist abwesend"
    r"|ist nicht im (?:buro|haus)|est absente?|est en conges|esta ausente|esta fuera de la oficina|is afwezig|e assente|e fuori sede"
    r"|jest nieobecn[ay]|ofis disinda|izinde)\b"
)
_ENDS = re.compile(r"[\s:;,.!?()\[\]{}<>/*~#\"'|+&=。、：！（）【】\d-]|$")


def _prefix(subject: str, table: tuple[str, ...]) -> str | None:
    """The longest entry that the subject begins with, at the end of a word."""
    if not subject.startswith(table):
        return None
    words = [word for word in table if subject.startswith(word) and _ENDS.match(subject, len(word))]
    return max(words, key=len) if words else None


def is_reply_subject(words: str) -> bool:
    """Whether a subject (as `fold.subject_words` gives it) is one that only machines write: "Automatic reply: ..."."""
    words = words.lstrip("[(【<*\"'! ")
    prefix = _prefix(words, STRONG)
    if prefix is None:
        return False
    return words[len(prefix) :].lstrip(" ").startswith((":", "]", ")", "】", ">"))


def names_reply(words: str) -> bool:
    """Whether a subject begins with the words of an automatic reply, as people might write them too."""
    words = words.lstrip("[(【<*\"'! ")
    return _prefix(words, STRONG) is not None


def names_absence(words: str) -> bool:
    """Whether a subject begins with words of absence ("Out of office", "İzindeyim")."""
    return _prefix(words.lstrip("[(【<*\"'! "), WEAK) is not None or bool(_SOMEBODY_AWAY.match(words))


def said_by_machine(head: str) -> bool:
    """Whether squeezed text holds a sentence of an automatic reply."""
    return any(phrase in head for phrase in AUTOMATIC)


def said_received(head: str) -> bool:
    """Whether squeezed text holds a sentence that only answers a message ("Thank you for your e-mail")."""
    return any(phrase in head for phrase in RECEIVED)


def said_away(head: str) -> bool:
    """Whether squeezed text holds a sentence of one who is away."""
    return any(phrase in head for phrase in AWAY)


def said_seen(head: str) -> bool:
    """Whether squeezed text says that a message was read or delivered."""
    return any(phrase in head for phrase in SEEN)


def is_receipt_subject(subject: str) -> bool:
    """Whether a subject is one of a read or delivery receipt."""
    return subject_words(subject).startswith(RECEIPT_SUBJECTS)
