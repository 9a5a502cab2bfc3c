"""The sentences of automatic replies and receipts, language by language, and questions to a text about them.

Takes the first part of a body, squeezed (`fold.squeeze`); gives yes or no.
Promises: nothing here decides anything: people write such sentences too, `autoreply` wants them in pairs. A sentence
counts only where it begins with a word; linear.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import word_table

# Notes' table, as text in any order of its cells: "Your document: Plan was received by: Berta at: 10:15".
_NOTES_RECEIPT = re.compile(
    r"(?:.{0,40} )?(?:your|ihr|votre|il (?:suo|tuo)|su|uw|o seu|ditt|din|twoj|vas) .{0,300}?(?:document|dokument|documento) ?:"
    r".{0,300}?\b(?:was received|wurde empfangen|a ete recu|e stato ricevuto|(?:fue|ha sido) recibido|is ontvangen"
    r"|foi recebido|togs emot|blev modtaget|zostal odebrany|byl prijat)\b.{0,200}?\b(?:by|von|par|da|por|door|av|af|przez) ?:"
)
# Behind Latin, Greek and Cyrillic come the scripts that put articles before words or write without spaces.
_JOINING = "\u0530"
_SHORT = 5
_LOOKS = 20
# Danish "er tilbage" (is back) begins "er tilbagevendende" (is recurrent).
_WHOLE = ("tilbage", "tilbake", "tillbaka", "retour")

# Sentences of a machine about itself, or of one who lets it answer.
_AUTOMATIC = word_table(
    """
will be back|be back on|be back in|back in the office|bin ich wieder|kehre zuruck|wieder erreichbar|ich werde ihre|de retour
estare de vuelta|volvere|rientrero|terugkomst|wracam|вернусь|donecegim|tillbaka|tilbage|tilbake|will not be forwarded|gorusmek uzere
otomatik yanit|otomatik cevap|otomatik olarak gonderil|otomatik bir yanit|otomatik bir mesaj|otomatik mesajdir
iletiniz iletilmeyecek
e-postaniz iletilmeyecek|en kisa surede donus|dondugumde|donusumde|geri dondugumde|donus yapacag|maillerinize
mailinize donus|iletinize
e-postaniza|e-postalariniza|mailleri gec yanitla|acil durumlarda|acil konular|acil durumlar
automatic reply|automated reply|auto-reply|autoreply|auto reply|automatic response|automated response|auto-response
auto-generated
automatically generated|automated message|automatic message|automated email|automatic e-mail|auto response
autoresponder|automated acknowledg
your email will not be forwarded|your message will not be forwarded|will not be forwarded|mail will not be read
messages are not forwarded
when i return|upon my return|on my return|after my return|when i get back|when i am back|once i return|once i'm back
as soon as i return|will respond to your
will reply to your|will be answered|will be read|for urgent|if urgent|in urgent cases|if your message is urgent
if you need immediate|if this is urgent|urgent matters
for immediate assistance|in case of emergency|in my absence|during my absence|while i am away|while i'm away
until i return|during this time
thank you for your email|thank you for your e-mail|thank you for your mail|thank you for your message
thanks for your email|thanks for your message
thank you for contacting|we have received your|we received your|has been received|i received your
thank you for writing|no longer working|no longer with|no longer work
no longer employed|has left|left the company|my new email|email has changed|address has changed|no longer in use
not monitored|no longer monitored|please contact
automatische antwort|automatisch generiert|automatisch erstellt|nicht weitergeleitet|nach meiner ruckkehr
in dringenden fallen|bei dringenden|wahrend meiner abwesenheit
in meiner abwesenheit|vielen dank fur ihre nachricht|vielen dank fur ihre e-mail|danke fur ihre|ihre nachricht wird
ihre e-mail wird|wird nicht weitergeleitet|bitte wenden sie sich
reponse automatique|message automatique|a mon retour|des mon retour|en cas d'urgence|pour toute urgence
en mon absence|pendant mon absence|durant mon absence|merci pour votre message
j'ai bien recu|votre message ne sera pas|bien recu votre|vous pouvez contacter|veuillez contacter|merci de contacter
merci de votre
respuesta automatica|mensaje automatico|a mi regreso|a mi vuelta|a la vuelta|en caso de urgencia
para asuntos urgentes|durante mi ausencia|en mi ausencia|gracias por su mensaje|gracias por su correo
pueden contactar|puede contactar|ponerse en contacto|por favor contact|gracias por contactar|responderé
resposta automatica|mensagem automatica|no meu regresso|ao meu retorno|em caso de urgencia|assuntos urgentes
durante a minha ausencia|na minha ausencia|durante minha ausencia|obrigado pelo|assim que retornar|por favor contate
favor contatar|favor contactar|por favor contact
risposta automatica|messaggio automatico|al mio rientro|al mio ritorno|per urgenze|in caso di urgenza
durante la mia assenza|in mia assenza|grazie per il|grazie per la|rispondero|contattare
automatisch antwoord|automatisch gegenereerd|bij mijn terugkeer|na mijn terugkeer|bij terugkomst|voor dringende
in dringende gevallen|tijdens mijn afwezigheid|bedankt voor uw|dank voor uw|wordt niet doorgestuurd|contact opnemen
automatyczna odpowiedz|wiadomosc automatyczna|wygenerowana automatycznie|po powrocie|w sprawach pilnych
w pilnych sprawach|podczas mojej nieobecnosci|dziekuje za wiadomosc|prosze o kontakt
automaticka odpoved|automaticky generovan|po navratu|po mem navratu|v nalehavych|v pripade nalehav|v naliehavych
po mojom navrate|dekuji za|dakujem za|kontaktujte
automatikus valasz|visszateresem|visszaerkez|surgos esetben|surgos ugyben|tavolletem|koszonom a levelet
koszonjuk a levelet|keresse|levelere
raspuns automat|mesaj automat|la intoarcere|la revenire|pentru urgente|in caz de urgenta|in lipsa mea
va multumesc pentru|contactati
автоматический ответ|автоматическое сообщение|по возвращении|после возвращения|по срочным|в срочных случаях
на время моего отсутствия|во время моего отсутствия|спасибо за ваше|ваше письмо получено|обращайтесь|обращаться
отвечу
автоматична відповідь|після повернення|у термінових|звертайтеся|звертайтесь|дякую за ваш|відповім
automatiskt svar|autosvar|nar jag ar tillbaka|vid bradskande|under min franvaro|tack for ditt|kontakta|vid akuta
automatisk svar|nar jeg er tilbage|nar jeg er tilbake|ved hastesager|ved akutte|i mit fravaer|under mitt fravaer
tak for din|takk for din|kontakt venligst|kontakt
automaattinen vastaus|palattuani|palaan|kiireellisissa|kiireisissa|poissaoloni aikana|kiitos viestista|ota yhteytta
automatski odgovor|po povratku|u hitnim|za hitne|v nujnih|po vrnitvi|u mojoj odsutnosti|hvala na|hvala za
kontaktirajte|samodejni odgovor|аутоматски одговор|обратите се|po mojem vracilu|pisite
αυτοματη απαντηση|επιστροφη μου|επιστρεψω|επειγον|επειγοντα|κατα την απουσια|ευχαριστω για|επικοινωνησ
автоматичен отговор|при спешни|за спешни|след завръщане|благодаря за|свържете се|се свържете
automaatvastus|kiiretes|kiireloomul|tagasi|poorduge|steidzamos|steidzamu|atgriez|sazinie|skubiais|grizes|kreipkites
susisiek
תשובה אוטומטית|בחזרתי|כשאחזור|לעניינים דחופים|במקרה דחוף|תודה על|ניתן לפנות|אחזור
رد تلقائي|عند عودتي|للحالات العاجلة|للامور العاجلة|شكرا|يرجى التواصل|الاتصال ب
自動応答|自動返信|自動的に送信|戻り次第|帰社後|お急ぎの|緊急の|ご連絡ください|ご連絡は|改めてご連絡|送信専用
メールありがとう|お問い合わせいただき
自动回复|自动答复|自動回覆|自動答覆|系统自动|系統自動|回来后|返回后|回來後|如有急事|紧急|緊急|请联系|請聯絡
請聯繫|来信已收到|尽快回复|儘快回覆|尽快给您
자동 회신|자동 응답|자동응답|자동으로 발송|복귀 후|복귀하는|급한|긴급|연락 주|연락주|연락 바랍|문의
tra loi tu dong|tu dong|sau khi tro lai|truong hop khan|khan cap|lien he|cam on
ตอบกลับอัตโนมัติ|อัตโนมัติ|เร่งด่วน|ติดต่อ|ขอบคุณ|กลับมา
balasan otomatis|otomatis|setelah kembali|saya kembali|hal mendesak|keadaan darurat|menghubungi|hubungi|terima kasih
"""
)

# Sentences that answer a message, which nobody writes who begins a conversation.
_RECEIVED = word_table(
    """
ich werde ihre nachricht|ihre nachricht nach meiner|ihre e-mail nach meiner|repondrai a votre message|i will respond to your
thank you for your email|thank you for your e-mail|thank you for your mail|thank you for your message
thanks for your email|thanks for your e-mail|thanks for your message
thank you for contacting|thank you for writing|thank you for your interest|we have received your
i have received your|received your email|received your message|your email has been received
your message has been received|this is an automatic|this is an automated|this is an auto|automated response
automatically generated reply|your email will not be forwarded|your message will not be forwarded
will respond to your email|will respond to your message|will reply to your|will answer your|respond to your email
reply to your email|reply to your message|your email is important
mailiniz icin tesekkur|e-postaniz icin tesekkur|iletiniz icin tesekkur|mesajiniz icin tesekkur|mesajiniz alinmistir
mailinize|e-postaniza|iletinize|mesajiniza|maillerinize|e-postalariniza|bu otomatik|bu bir otomatik
otomatik yanittir|otomatik olarak|iletiniz iletilmeyecek|mesajiniz bize ulas
vielen dank fur ihre|danke fur ihre|vielen dank fur deine|ihre nachricht wird|ihre e-mail wird|ihre mail wird
ihre e-mails werden|ihre nachrichten werden|automatisch generierte|automatisch erstellte|automatische antwort
nicht weitergeleitet|ihre anfrage
merci pour votre|merci de votre|bien recu votre|votre message ne sera|votre mail ne sera|reponse automatique
message automatique|je repondrai|repondrai a votre|votre message sera|j'ai bien recu
gracias por su mensaje|gracias por su correo|gracias por su e|gracias por tu mensaje|gracias por tu correo
gracias por contactar|gracias por escribir|gracias por ponerse|hemos recibido su|he recibido su|mensaje automatico
respuesta automatica|respondere a su|contestare a su
obrigado pelo seu|obrigada pelo seu|obrigado pelo e|obrigada pelo e|obrigado pelo contato|obrigado pelo contacto
obrigado por entrar|obrigado por contact|obrigado pela sua mensagem|obrigada pela sua mensagem|agradeco o seu
agradecemos o seu|recebemos a sua|recebemos seu|mensagem automatica|resposta automatica|responderei
grazie per il messaggio|grazie per il tuo|grazie per il suo|grazie per la mail|grazie per la tua|grazie per la sua
grazie per la vostra|grazie per aver|ho ricevuto il|abbiamo ricevuto|messaggio automatico|risposta automatica
rispondero
bedankt voor uw|bedankt voor je|dank voor uw|hartelijk dank voor|uw bericht wordt|uw e-mail wordt|uw mail wordt
automatisch gegenereerd|automatisch antwoord
dziekuje za wiad|dziekujemy za wiad|dziekuje za e-mail|dziekuje za mail|dziekuje za kontakt|dziekujemy za kontakt
dziekuje za przesl|dziekuje za panstwa|odpowiem na|automatyczna odpowiedz|wiadomosc automatyczna|dekuji za vas
dekujeme za vas|dekuji za e-mail|dekuji za zprav|dekuji za email|vas e-mail|automaticka odpoved|dakujem za vas
dakujeme za vas|dakujem za e-mail|dakujem za sprav|vas mail
koszonom a level|koszonom level|koszonjuk a level|koszonjuk level|koszonom megkeres|koszonjuk megkeres
koszonom uzenet|levelere|leveleikre|levelet|automatikus valasz|va multumesc pentru mesaj|va multumim pentru mesaj
va multumesc pentru e|multumesc pentru mesaj|mesaj automat|raspuns automat|спасибо за ваше|спасибо за письмо
благодарю за ваше|благодарю за письмо|ваше письмо|ваше сообщение|ваш запрос|автоматическ|отвечу на ваше
дякую за ваш|дякуємо за ваш|дякую за лист|автоматичн|ваш лист|tack for ditt mail|tack for ditt mejl
tack for ditt med|tack for ditt e|tack for din for|automatiskt svar|tak for din mail|tak for din e|tak for din hen
tak for din besk|takk for din e|takk for din hen|takk for din meld|takk for din mail|automatisk svar
kiitos viestista|kiitos viestistasi|automaattinen|hvala na poruci|hvala na e-|hvala na email|hvala na mailu
hvala na vas|hvala vam na|hvala za vas|hvala za sporocilo|hvala za e-|automatski odgovor
samodejni odgovor|аутоматски|хвала на пору|хвала вам на|хвала на и|ευχαριστω για το|ευχαριστουμε για το
ευχαριστω για την επικοινων|ευχαριστουμε για την επικοινων|αυτοματη απαντηση|αυτοματο μηνυμα|благодаря за ваш
благодаря за писмо|благодаря за имейл|благодаря за съобщ|благодарим за ваш|благодарим ви, че|автоматичен
automaatvastus|tanan kirja|taname kirja|aitah kirja|paldies par|automatiska|aciu uz|dekoju uz|automatinis
תודה על פניית|תודה על הודעת|תודה על המייל|תודה על פני|קיבלתי את|תשובה אוטומטית|מענה אוטומטי|شكرا على رسالت
شكرا لرسالت|شكرا لتواصل|شكرا على تواصل|شكرا لمراسلت|رد تلقائي|رسالة تلقائية|自動応答|自動返信|メールありがとう
メールをいただ|ご連絡ありがとう
ご連絡をいただ|お問い合わせいただき|お問い合わせありがとう
自动回复|自动答复|自動回覆|自動答覆|自動回復|来信|來信|您的邮件|您的郵件|已收到|자동 회신|자동 응답|자동응답
자동으로|메일을 보내 주|메일을 보내주|메일 감사|메일을 확인하|보내주신 메일|보내 주신 메일
cam on ban da|cam on quy khach|cam on anh/chi da|cam on email|thu tu dong|tra loi tu dong|ขอบคุณสำหรับอีเมล
ขอบคุณที่ติดต่อ|ขอบคุณสำหรับข้อความ|ตอบกลับอัตโนมัติ|terima kasih atas email|terima kasih atas pesan
terima kasih telah menghubungi|terima kasih atas surel|terima kasih untuk email|balasan otomatis|pesan otomatis
"""
)

# Sentences of one who is away.
_AWAY = word_table(
    """
on sabbatical|sabbatical leave|regreso el|regresare|medical leave|leave of absence|on paternity|on parental|jury duty
i no longer work|i have left|i left the company|have left the company|on pto|has left|i am ooo|i'm ooo
нет на месте|jag har semester|holder ferie|har ferie|休暇をいただ|休暇中|休業とさせ
no longer works|no longer working|no longer with|no longer employed|has left the company|left the company
artik calismamakta|gorevinden ayril|isten ayril|nicht mehr im unternehmen|ne fait plus partie|ya no trabaja
nao trabalha mais|non lavora piu|niet meer werkzaam
ofis disinda|ofiste degilim|ofiste olmayacag|ofiste bulunm|izindeyim|izinde olacag|izinliyim|izinde bulun
izinde olmam|yillik izin|yillik iznim|tatildeyim|raporluyum
sehir disinda|yurt disinda|gorev nedeniyle|e-postalarima erisim|maillerime erisim|maillerimi kontrol
e-posta erisimim|isyerinde degilim|iznim
not be reading my mail|reading my e-mail|unable to read my|out of the office|out of office|on vacation
on annual leave|on leave|on holiday|on holidays|annual leave
parental leave|maternity leave|paternity leave|sick leave|away from the office
away from my|i am away|i'm away|i will be away|i'll be away|i am out|i'm out|i will be out|i'll be out
not in the office|limited access|no access to|no access to my e|currently away|currently out
currently unavailable|i am currently out|i'm currently out|i am currently away|i am currently on|i am travel
i'm travel|be back on|be back in|back in the office|returning on|will return on|will be returning|office is closed
offices are closed|we are closed|office will be closed
nicht im buro|nicht im hause|ausser haus|im urlaub|in urlaub|abwesend|nicht erreichbar|bin ich wieder|wieder im buro
wieder erreichbar|meine mails|nicht am arbeitsplatz|in elternzeit|kein zugriff|keinen zugriff|nicht im haus
absent du bureau|absente du bureau|je suis absent|je suis absente|je serai absent|je suis actuellement absent
je suis actuellement en|je suis actuellement hors|en conges|en conge|en vacances|en deplacement|de retour le
hors du bureau|je suis en conge|je suis en vacances|je suis en deplacement|absent jusqu|absente jusqu
je serai de retour|de retour au bureau|indisponible
fuera de la oficina|estoy de vacaciones|estare de vacaciones|estare fuera|me encuentro fuera|me encuentro de
me encuentro ausente|estoy ausente|estare ausente|de baja|no estare|hasta el proximo|vuelvo el|fuera del
fora do escritorio|estou de ferias|estarei de ferias|estarei ausente|estou ausente|encontro-me|estou fora
estarei fora|em ferias|ausente do|sem acesso
fuori sede|fuori ufficio|sono assente|saro assente|sono in ferie|saro in ferie|in ferie|assente dal
fuori dall'ufficio|saro fuori|non sono in ufficio|rientrero|chiuso per|chiusi per
niet aanwezig|afwezig|op vakantie|met vakantie|niet op kantoor|buiten kantoor|weer aanwezig|ben ik weer|met verlof
niet bereikbaar
poza biurem|jestem nieobecn|na urlopie|bede nieobecn|przebywam|poza firma|wracam|nieobecna|nieobecny|nie ma mnie
mimo kancelar|mimo pracovist|na dovolene|nepritomen|nepritomna|nejsem v|jsem mimo|cerpam dovolenou|budu zpet
na dovolenke|som mimo|nie som v|nepritomny|cerpam dovolenku
hazon kivul|irodan kivul|szabadsagon|nem vagyok|tavol vagyok|tavol leszek|nem leszek
absent de la birou|in concediu|nu sunt la birou|nu voi fi|plecat din|voi reveni|revin|sunt plecat
в отпуске|вне офиса|отсутствую|буду отсутствовать|нет на работе|нет в офисе|на больничном|в командировке
нахожусь в отпуск|нахожусь в команд|отсутствует на работе|отсутствует на рабочем|отсутствует в офисе|временно отсутствует
сотрудник отсутствует|отсутствует до|отсутствует с
у відпустці|поза офісом|я відсутній|я відсутня|відсутній до|відсутня до|відсутній на|відсутня на|перебуваю у відпуст|буду відсут
pa semester|ej pa kontoret|inte pa kontoret|franvarande|ar ledig|tillbaka den|ar tillbaka|foraldraledig|ar bortrest
utan tillgang
pa ferie|ikke pa kontoret|fravaerende|holder ferie|tilbage den|tilbake den|er tilbage|er tilbake|har ferie|pa barsel
ikke til stede|har fri|er ikke pa
lomalla|poissa|en ole toimistolla|vuosilomalla|en ole paikalla|olen poissa|matkoilla
na godisnjem|izvan ureda|van kancelarije|odsutan|odsutna|na dopustu|odsoten|odsotna|nisam u|nisem v|на годишњем
на одмору|ван канцеларије
εκτος γραφειου|σε αδεια|απουσιαζω|θα απουσιαζω|θα λειπω|λειπω|αδεια
в отпуск|извън офиса|отсъствам|ще отсъствам|няма да съм
puhkusel|kontorist|eemal|atvalinajuma|arpus biroja|prombutne|neesmu|atostog|ne biure|nesu
בחופשה|מחוץ למשרד|לא במשרד|אינני נמצא|איני נמצא|לא אהיה
في اجازة|في إجازة|خارج المكتب|خارج العمل|لست في المكتب|غائب
不在に|不在です|不在で|不在の|不在と|不在期間|不在中|は不在|不在いた|不在通知|休暇|外出し|出張|お休みをいただ|休業|退職|休みを
不在办公室|不在辦公室|休假|出差|度假|外出|请假|請假|离职|年假|无法及时|假期
부재중|부재 중|휴가|출장|자리를 비|사무실에 없|퇴사|휴직
vang mat|nghi phep|khong co mat|di cong tac|ngoai van phong
ไม่อยู่|ลาพักร้อน|ลางาน|ลาหยุด|นอกสำนักงาน
di luar kantor|sedang cuti|cuti|tidak berada|tidak di kantor|luar pejabat
"""
)

# Sentences of receipts.
_SEEN = word_table(
    """
was read on|was read at|was read by|has been read|message was read|been displayed|was displayed on
displayed on the recipient|this is a receipt for the|return receipt
has been delivered to the following|been successfully delivered|was successfully delivered
your message was delivered|have been delivered to|was delivered to the following
was deleted without being read|tarihinde okundu|okundu bilgisi|okunmustur|okundu.|saatinde okundu|iletiniz okundu
okunmadan silindi|teslim edildi|iletinin okundu
wurde gelesen|gelesen am|wurde am|angezeigt|lesebestatigung|empfangsbestatigung|zugestellt|a ete lu|a ete lue
ete lu le|accuse de reception|fue leido|se leyo|ha sido leido|confirmacion de lectura
foi lida|foi lido|confirmacao de leitura|e stato letto|e stata letta|conferma di lettura|is gelezen|werd gelezen
leesbevestiging|zostala przeczytana|przeczytano|bylo precteno|byla prectena
elolvastak|a fost citit|было прочитано|прочитано|прочтено|lastes|har lasts|blev laest|er laest|ble lest|er lest
on luettu|luettiin|開封されました|開封確認|既読|阅读|閱讀|已读|읽었습니다|읽음
"""
)

# Subjects of read and delivery receipts.
_RECEIPTS = word_table(
    """
confirmation of reading|read:|read receipt|return receipt|read receipt:|not read:|okundu:
okunmadı:|okundu bilgisi|okundu bildirimi|okundu -
gelesen:|ungelesen|lesebestätigung|empfangsbestätigung|lu :|lu:|non lu|accusé de réception|accusé de lecture|leído:
leido:|confirmación de lectura|no leído|lida:|lido:|confirmação de leitura|não lida|letto:|conferma di lettura
non letto|gelezen:|leesbevestiging|ontvangstbevestiging|przeczytano|przeczytane|potwierdzenie przeczytania|přečteno
prečítané|potvrzení o přečtení|olvasva|elolvasva|citit:|confirmare de citire|прочитано:|прочтено:
уведомление о прочтении|прочитано|läst:|läskvitto|læst:|lest:|lesebekreftelse|kvittering|luettu:|vastaanottoilmoitus
pročitano|prebrano|αναγνώστηκε|διαβάστηκε|прочетено|loetud|izlasīts|perskaityta|נקרא:|تمت القراءة|تمت قراءة|مقروءة
開封済み|開封確認|既読|已读|已读:|已讀|读取回执|읽음:|수신 확인|đã đọc|อ่านแล้ว|dibaca:|telah dibaca
disposition notification
message disposition|displayed:|return receipt (displayed)|delivered:|delivery receipt|relayed:|teslim edildi:
iletildi:|zugestellt:|remis :|entregado:|entregue:|consegnato:|bezorgd:
"""
)

# How a receipt without a report begins.
_RECEIPT_BEGINS = word_table(
    """
your message|this is a|iletiniz|mesajınız|ihre nachricht|dies ist eine|die nachricht|votre message|ceci est
su mensaje|el mensaje|a sua mensagem|sua mensagem|il messaggio|il tuo messaggio|uw bericht|ваше сообщение
return receipt your|this message confirms|your document|twoja wiadomość|wiadomość|ditt meddelande|din meddelelse|the message
"""
)


def _place(head: str, phrase: str) -> int:
    """Where a phrase stands first as words of its own; -1 where nowhere. Its end may be inflected, unless it is short.

    "execution" does not hold Indonesian "cuti", and "carbon leaves" not "on leave". Scripts that join words are let be.
    """
    place = head.find(phrase)
    if place < 0 or not phrase[0].isalpha() or phrase[0] > _JOINING:
        return place
    whole = (len(phrase) <= _SHORT and phrase.isalpha()) or phrase.endswith(_WHOLE)
    for _ in range(_LOOKS):
        end = place + len(phrase)
        if not (place and head[place - 1].isalpha()) and not (whole and head[end : end + 1].isalpha()):
            return place
        place = head.find(phrase, end)
        if place < 0:
            break
    return -1


def said_by_machine(head: str) -> bool:
    """Whether squeezed text holds a sentence of an automatic reply."""
    return any(phrase in head and _place(head, phrase) >= 0 for phrase in _AUTOMATIC)


def said_received(head: str) -> bool:
    """Whether squeezed text holds a sentence that only answers a message ("Thank you for your e-mail")."""
    return any(phrase in head and _place(head, phrase) >= 0 for phrase in _RECEIVED)


def said_away(head: str) -> bool:
    """Whether squeezed text holds a sentence of one who is away."""
    return any(phrase in head and _place(head, phrase) >= 0 for phrase in _AWAY)


def first_absence(head: str) -> int:
    """Where squeezed text first says that its writer is away; -1 where it does not."""
    return min((place for phrase in _AWAY if phrase in head and (place := _place(head, phrase)) >= 0), default=-1)


def said_seen(head: str) -> bool:
    """Whether squeezed text says that a message was read or delivered."""
    return any(phrase in head and _place(head, phrase) >= 0 for phrase in _SEEN)


def is_notes_receipt(head: str) -> bool:
    """Whether squeezed text is the table in which Notes says that a document was received."""
    return _NOTES_RECEIPT.match(head[:1000]) is not None


def begins_as_receipt(head: str) -> bool:
    """Whether squeezed text begins as a receipt does ("Your message To: ... was read on ...")."""
    return head.startswith(_RECEIPT_BEGINS)


def is_receipt_subject(words: str) -> bool:
    """Whether a subject is one of a read or delivery receipt."""
    return words.startswith(_RECEIPTS)
