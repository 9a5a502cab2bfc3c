"""The words that mail programs write round other people's mail, language by language, and which kind they are.

Takes nothing but text; gives tables (label to kind, verbs of attribution, subject prefixes, markers), folded by
`fold.squeeze`. Promises: nothing here decides anything; the tables are built once, at import.
Where one word means two things in two languages ("VS:" is a forward in Norwegian and a reply in Finnish), the table
holds the meaning that costs less when it is wrong.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze

# Characters that mail programs sprinkle and nobody sees: bidi controls, zero-width spaces, soft hyphen, BOM.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def folded_words(words: str) -> tuple[str, ...]:
    """The words of a table written "a|b|c", folded; in their order, each once."""
    return tuple(dict.fromkeys(squeeze(word) for word in words.split("|")))


FROM, TO, CC, BCC, DATE, SUBJECT, REPLY_TO, OTHER = "from", "to", "cc", "bcc", "date", "subject", "reply_to", "other"
SENDER = "sender"  # the author only where no From line is there: QQ Mail in English

# Labels of header lines, separated by "|". Order of languages: en tr de fr es pt it nl pl cs sk hu ro ru uk sv da no
# fi hr/sr/sl el et bg lv lt ja zh ko ar he fa th vi id ca is.
_LABELS = {
    FROM: "From|Kimden|Gönderen|Gönderici|Von|Absender|De|Expéditeur|Exp|Remitente|Desde|Remetente|Da|Mittente|Van|"
    "Afzender|Od|Nadawca|Odesílatel|Odosielateľ|Feladó|Küldő|De la|Expeditor|От|От кого|Отправитель|Від|Від кого|"
    "Відправник|Från|Avsändare|Fra|Afsender|Avsender|Lähettäjä|Keneltä|Šalje|Pošiljatelj|Pošiljalac|Од|Пошиљалац|Από|"
    "Αποστολέας|Saatja|Kellelt|Подател|No|Sūtītājs|Nuo|Siuntėjas|差出人|送信者|発信者|送信元|发件人|發件人|寄件人|寄件者|"
    "发信人|發信人|自|보낸사람|보낸이|발신|발신인|발신자|보내는사람|من|المرسل|מאת|از|فرستنده|จาก|ผู้ส่ง|Từ|Người gửi|"
    "Dari|Pengirim|Daripada|Frá|Nga|Nork|Шаље|Kimdən|Кімнен|გამგზავნი|Ումից|प्रेषक|Mula kay|Oddi wrth|Frå",
    TO: "To|Kime|Alıcı|Alıcılar|Kimlere|An|Empfänger|Adressat|À|A|Pour|Destinataire|Destinataires|Para|Destinatario|"
    "Destinatarios|Destinatário|Destinatários|Per|Destinatari|Aan|Naar|Ontvanger|Geadresseerde|Do|Adresat|Odbiorca|"
    "Komu|Příjemce|Pro|Pre|Príjemca|Címzett|Címzettek|Către|Pentru|Destinatar|Кому|Получатель|Получатели|Одержувач|До|"
    "Till|Mottagare|Til|Modtager|Mottaker|Vastaanottaja|Vastaanottajat|Kenelle|Za|Prima|Primatelj|За|Προς|Παραλήπτης|"
    "Παραλήπτες|Saaja|Kellele|Adressaat|Получател|Kam|Gavėjas|宛先|受信者|送信先|收件人|收信人|收件者|至|받는사람|받는이|"
    "수신|수신인|수신자|إلى|אל|به|ถึง|Đến|Tới|Kepada|Ke|Per a|Nori|Recipient|Recipients|Prejemnik|"
    "Kimə|प्रति|მიმღები|Ում|Para kay|Кімге|Për",
    CC: "Cc|C.c|Copy|Copy to|Bilgi|Kopya|Kopie|Kopie an|Copie|Copie à|Copia|Con copia|Cópia|Com cópia|Em cópia|Per "
    "conoscenza|Kopia|DW|Do wiadomości|V kopii|Kópia|Másolat|Másolatot kap|Копия|Копія|Kopi|Kopi til|Kopio|Kopija|Kp|"
    "Κοιν|Κοινοποίηση|Koopia|Копие|抄送|抄送人|副本|副本抄送|参照|参考|참조|نسخة|עותק|רونوشت|สำเนา|Đồng kính gửi|Tembusan",
    BCC: "Bcc|Gizli|Bilgi (Gizli)|Gizli kopya|Bci|Blindkopie|Cci|Copie cachée|Cco|CCO|Ccn|Udw|Ukryta kopia|Skrytá kopie|"
    "Skrytá kópia|Titkos másolat|Скрытая копия|Прихована копія|Hemlig kopia|Skjult kopi|Blindkopi|Piilokopio|Κρυφή "
    "κοιν|密送|密件副本|숨은참조",
    DATE: "Sent|Date|Sent on|Date sent|Sent at|Sent date|Date/Time|Time|Gönderildi|Gönderilme|Gönderilme Tarihi|"
    "Gönderme Tarihi|Gönderim Tarihi|Gönderilen|Tarih|Gönderme|Gesendet|Gesendet am|Datum|Envoyé|Envoyé le|Date d'envoi|"
    "Date d’envoi|Enviado|Enviado el|Enviada|Enviada el|Fecha|Fecha de envío|Enviado em|Enviada em|Data|Data de envio|"
    "Inviato|Inviata|Data invio|Data di invio|Verzonden|Verzonden op|Verstuurd|Wysłano|Wysłane|Data wysłania|Odesláno|"
    "Odeslané|Odoslané|Poslané|Dátum|Elküldve|Küldve|Küldés dátuma|Trimis|Trimis la|Expediat|Отправлено|Отправлена|Дата|"
    "Дата отправления|Дата и время|Надіслано|Відправлено|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Päiväys|Pvm|Lähetysaika|"
    "Poslano|Poslato|Datum slanja|Εστάλη|Ημερομηνία|Στάλθηκε|Απεσταλμένο|Απεσταλμένα|Saadetud|Kuupäev|Изпратено|Датум|Nosūtīts|"
    "Datums|Išsiųsta|送信日時|送信日|日付|日時|发送时间|发送日期|日期|时间|時間|寄件日期|寄件時間|傳送時間|傳送日期|發送時間|"
    "已发送|发件日期|发送于|보낸날짜|날짜|일시|발신일|발송일|보냄|보낸시간|보낸일시|التاريخ|تاريخ الإرسال|תאריך|נשלח|تاریخ|"
    "Message du|วันที่|ส่ง|ส่งเมื่อ|Đã gửi|Ngày|Ngày gửi|Tanggal|Terkirim|Dikirim|Enviat|Enviat el|Enviado o|Dihantar|"
    "ارسال شده|تم الإرسال|Послато|भेजा गया|გაგზავნილია|Ուղարկված է|Dërguar|Anfonwyd|Ipinadala|"
    "Bidaltze-data|Dags|Dagsetning|Tarih/Saat|"
    "Local Time|UTC Time|Sent Time|发件时间|Created|Изпратено на|Подадено|Göndərildi|Жіберілді|Испратено",
    SUBJECT: "Subject|Konu|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Onderwerp|Temat|Předmět|Predmet|Tárgy|Subiect|"
    "Subiectul|Тема|Предмет|Subj|Subjekti|Ogg|Thema|Paksa|Pwnc|Тақырып|Mövzu|თემა|Թեմա|विषय|"
    "Ämne|Emne|Aihe|Otsikko|Naslov|Zadeva|Наслов|Θέμα|Teema|Относно|Temats|Tēma|Tema|件名|主题|主旨|主題|"
    "标题|標題|题目|제목|الموضوع|נושא|موضوع|เรื่อง|หัวเรื่อง|Tiêu đề|Chủ đề|Perihal|Judul|Subjek|Subyek|Assumpte|Efni|Gaia|Titel",
    REPLY_TO: "Reply-To|Reply to|Yanıt adresi|Yanıtla|Yanıt|Yanıtlanacak adres|Antwort an|Antwort-An|Antworten an|"
    "Répondre à|Réponse à|Responder a|Responder para|Rispondi a|Antwoord aan|Antwoorden aan|Beantwoorden|Odpowiedz do|"
    "Adres zwrotny|Odpowiedź do|Odpovědět komu|Odpovedať komu|Válaszcím|Răspunde la|Кому ответить|Ответить|Обратный "
    "адрес|Відповісти|Svara till|Svar til|Vastausosoite|Vastaa|Odgovori na|Απάντηση προς|返信先|回复至|回复|回覆至|"
    "答复|답장받는사람|회신",
    SENDER: "Sender",
    OTHER: "Importance|Priority|Attachments|Attachment|Önem|Önem Derecesi|Öncelik|Ekler|Ek|Wichtigkeit|Priorität|Anlagen|Anhänge|"
    "Anhang|Pièces jointes|Importancia|Datos adjuntos|Archivos adjuntos|Adjuntos|Anexos|Anexo|Prioridade|Importância|"
    "Allegati|Priorità|Bijlagen|Bijlage|Urgentie|Załączniki|Priorytet|Ważność|Přílohy|Důležitost|Prílohy|Mellékletek|"
    "Fontosság|Atașări|Вложения|Важность|Вкладення|Bilagor|Prioritet|Vedhæftede filer|Vedlegg|Liitteet|Tärkeys|"
    "Συνημμένα|添付ファイル|重要度|附件|重要性|첨부|첨부파일|Organization|Organisation|Message-ID|Sent by|Gesendet von|"
    "User-Agent|Mailed-By|Signed-By|Newsgroups|Categories|Sensitivity|Flag|Size|When|Where|Wann|Wo|Quand|Où|Cuándo|Dónde|"
    "Quando|Dove|Onde|Wanneer|Waar|Kiedy|Gdzie|När|Var|Ne zaman|Nerede|Zaman|Yer|Когда|Где|Kdy|Kde|場所|"
    "Vertraulichkeit|Vertrouwelijkheid|Sensibilidad|Confidencialidad|Sensibilité|"
    "Riservatezza|Gizlilik|Conversation|Follow Up Flag|Flag Status|Signature|Encrypted|"
    "Kennzeichnung|Kennzeichnungsstatus|Signiert von|Resent-From|Resent-To|Resent-Date|"
    "Return-Path|Delivered-To|In-Reply-To|References|Received|List-Id|Content-Type|MIME-Version|Security",
}


def _squeeze(label: str) -> str:
    """Labels are compared without inner spaces: Chinese programs pad them to equal width."""
    return squeeze(label).replace(" ", "")


LABELS: dict[str, str] = {}
for _kind, _words in _LABELS.items():
    for _word in _words.split("|"):
        LABELS.setdefault(_squeeze(_word), _kind)
LABEL_LENGTH = 28


def label_kind(label: str) -> str | None:
    """What a header line's label means, or None where it is not one. Bold markers round it are forgiven."""
    if len(label) > LABEL_LENGTH:
        return None
    return LABELS.get(_squeeze(label.strip("*_. \t\u00a0")))


# What stands in a line that opens a forwarded message, without its dashes. Compared after `fold`, as substrings.
_FORWARDED = """
forwarded message|forwarded by|forwarded email|forwarded mail|forward message|begin forwarded message
start of forwarded|this is a forwarded message|forwarded from|message forwarded|inline forwarded|forwarded text
forwarded conversation
iletilen ileti|iletilen mesaj|iletilen e-posta|yönlendirilen mesaj|yönlendirilen ileti|yönlendirilen e-posta
yönlendirilmiş mesaj
yönlendirilmiş ileti|iletilmiş ileti|iletilmiş mesaj|ileti başlangıcı|başlangıç iletilen|iletilen ileti başlangıcı
yönlendiren|ileten|iletiyi başlat|yönlendirilmiş e-posta|iletilen posta
weitergeleitete nachricht|weitergeleiteten nachricht|weitergeleitete e-mail|weitergeleitete mail|weitergeleitet von
weitergeleitete meldung|anfang der weitergeleiteten|ursprünglich gesendete nachricht weitergeleitet
message transféré|message transmis|début du message|courriel transféré|mail transféré|e-mail transféré|transféré par
message réexpédié|début du message réexpédié|transmis par|message original transféré
mensaje reenviado|mensaje remitido|inicio del mensaje reenviado|correo reenviado|reenviado por|comienzo del mensaje
remitido por|repassado por
mensagem encaminhada|mensagem reencaminhada|início da mensagem|e-mail encaminhado|encaminhado por|mensagem reenviada
messaggio inoltrato|inizio messaggio inoltrato|messaggio inoltrato|inoltrato da|mail inoltrata|email inoltrata
doorgestuurd bericht|doorgestuurde bericht|begin doorgestuurd|doorgezonden bericht|doorgestuurd door
doorgestuurde mail
przekazana wiadomość|wiadomość przekazana|początek przekazywanej|treść przekazanej|przekazane przez
przekazywana wiadomość
przesłana wiadomość|wiadomość przesłana dalej|początek wiadomości przekazanej|przekazany e-mail
přeposlaná zpráva|předaná zpráva|začátek přeposílané|přeposlaný e-mail|přeposlal|přeposlaný mail|přesměrovaná zpráva
začátek přeposlané zprávy|preposlaná správa|začiatok preposlanej|preposielaná správa|začiatok preposielanej
továbbított üzenet|továbbított levél|továbbított e-mail|továbbítva|a továbbított|továbbított tartalom
mesaj redirecționat|mesaj redirectionat|mesaj transmis|mesajul redirecționat|mesaj înaintat|începutul mesajului
mesaj forwardat
пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|пересылаемое письмо|пересланное письмо
начало переадресованного|начало пересылаемого|переадресованное сообщение|начало перенаправленного
завершение пересылаемого
переслане повідомлення|пересилане повідомлення|переслано|перенаправлене повідомлення|початок листа, що пересилається
початок переадресованого|пересланий лист|початок пересланого|переслане сообщение
vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mejl|början på vidarebefordrat
början av vidarebefordrat
vidarebefordrat mail|vidarebefordrade|vidaresänt|vidarebefordrat av
videresendt meddelelse|videresendt besked|start på videresendt|videresendt mail|videresendt af|videresendt e-mail
videresendt melding|videresendt e-post|begynnelsen på videresendt|begynnelse på videresendt|videresendt av|videresend
start på videresendt melding|begin på videresendt|vidaresend
välitetty viesti|edelleenlähetetty viesti|välitetyn viestin alku|edelleenlähetetty|välitetty sähköposti
alkaa välitetty viesti
proslijeđena poruka|proslijeđene poruke|prosleđena poruka|prosleđene poruke|započni proslijeđenu|preusmjerena poruka
posredovano sporočilo|posredovanega sporočila|прослеђена порука|препратена порака
προωθημένο μήνυμα|προωθημένου μηνύματος|έναρξη προωθημένου|προώθηση μηνύματος|προωθήθηκε|αρχή προωθημένου
edastatud kiri|edastatud sõnum|edasisaadetud|edastatud meil|edastatud teade|algab edastatud
препратено съобщение|препратено писмо|препратен имейл|начало на препратеното|препратеното съобщение
pārsūtīts ziņojums|pārsūtīta ziņa|pārsūtīt|persiųstas laiškas|persiųsta žinutė|persiųst
転送されたメッセージ|転送メッセージ|転送メール|転送されたメール|以下転送|転送します|転送された
转发邮件|转发的邮件|转发邮件信息|已转发的邮件|轉寄的郵件|轉寄郵件|转发消息|开始转发|被转发邮件|轉寄訊息|已轉寄的郵件|转寄邮件|转发的信息
轉寄信件|开始转发的邮件|已转发邮件|轉寄
전달된 메일|전달된 메시지|전달 메일|전달받은 메일|전달된 이메일|전달된 내용|전달한 메시지|전달된 메세지
رسالة معاد توجيهها|الرسالة المعاد توجيهها|بدء الرسالة|رسالة محولة|הודעה שהועברה|תחילת ההודעה שהועברה|הודעה מועברת
پیام فوروارد|پیام باز ارسال|ข้อความที่ส่งต่อ|เริ่มข้อความที่ส่งต่อ|thư đã chuyển tiếp|tin nhắn được chuyển tiếp
thư được chuyển tiếp
pesan diteruskan|pesan terusan|mesej yang dimajukan|missatge reenviat|reenviat|áframsendur póstur|framsent
"""

# The same for "Original Message": it opens a quotation, or a forward where the subject says so.
_ORIGINAL = """
reply separator|antwort-begrenzung|original message follows|original message|original email|original mail
original appointment|original e-mail|reply message|replied message
message d'origine
özgün ileti|orijinal mesaj|orijinal ileti|orjinal mesaj|asıl ileti|asıl mesaj|orijinal e-posta|özgün mesaj
özgün e-posta|özgün randevu
orjinal ileti|ilk mesaj
ursprüngliche nachricht|originalnachricht|original-nachricht|original nachricht|ursprüngliche mail|originale nachricht
original-mail
ursprünglicher termin|originalmail|ursprüngliche e-mail|message original|message d’origine|message initial
courriel original
mail original|e-mail d'origine|mensaje original|mensaje de origen|correo original|mensagem original|mensagem de origem
messaggio originale|messaggio di origine|messaggio orig|oorspronkelijk bericht|oorspronkelijke bericht
origineel bericht|originele bericht
oorspronkelijke e-mail|oryginalna wiadomość|wiadomość oryginalna|pierwotna wiadomość|wiadomość pierwotna
oryginalny mail
původní zpráva|původní e-mail|původní zprava|pôvodná správa|pôvodný e-mail|eredeti üzenet|eredeti levél|mesaj original
mesajul original
mesajul inițial|mesaj inițial|исходное сообщение|оригинальное сообщение|исходное письмо|первоначальное сообщение
original-meddelande|оригінальне повідомлення|вихідне повідомлення|початкове повідомлення|оригинално съобщение
първоначално съобщение
ursprungligt meddelande|originalmeddelande|ursprungligt mejl|ursprungligt brev|oprindelig meddelelse
original meddelelse|oprindelig besked
originalmeddelelse|oprindelig mail|opprinnelig melding|original melding|opprinnelig e-post|originalmelding
opprinnelig epost
alkuperäinen viesti|alkuperäinen sähköposti|izvorna poruka|originalna poruka|izvirno sporočilo|оригинална порука
изворна порука
αρχικό μήνυμα|πρωτότυπο μήνυμα|algne kiri|algne sõnum|algne teade|originaalsõnum|algkiri|oriģinālais ziņojums
sākotnējais ziņojums
pradinis pranešimas|originalus laiškas|pirminis laiškas|元のメッセージ|元のメール
オリジナルメッセージ|原始邮件|原始郵件|原邮件|原郵件
原始信件|原始訊息|原始消息|回复的原邮件|邮件原件|원본 메일|원본 메시지|원본메일|원본 메세지|원본메시지|원본 이메일
الرسالة الأصلية|הודעה מקורית|ההודעה המקורית|پیام اصلی|ข้อความต้นฉบับ|thư gốc|tin nhắn gốc|pesan asli|mesej asal
missatge original
upprunaleg skilaboð
"""


# What stands above the quotation of our own notifications (`notify` writes it), and of other help desks'.
REPLY_ABOVE = folded_words(
    "reply above this line|type your reply above|write above this line|reply above the line|enter your reply above|"
    "respond above this line|add your reply above|replies above this line|reply below this line is ignored|"
    "bu satırın üstüne yanıt yazın|bu satırın üzerine yanıt|bu satırın üstüne yazın|bu satırın üzerine yazın|"
    "yanıtınızı bu satırın üst|yanıtınızı bu satırın üzer|bu çizginin üst|bitte antworten sie oberhalb dieser|"
    "antwort oberhalb dieser linie|antwort über dieser linie|oberhalb dieser zeile antworten|oberhalb dieser zeile|"
    "répondre au-dessus de cette ligne|répondez au-dessus|escriba su respuesta por encima|responda por encima de esta|"
    "responder por encima|responda acima desta linha|rispondi sopra questa|rispondere sopra questa|antwoord boven deze|"
    "reageer boven deze|odpowiedz powyżej tej|ответьте выше этой|svara ovanför|svar over denne|skriv over denne|"
    "do not write below this line|not type below this line|not reply below this line|not edit below this line|"
    "nicht unterhalb dieser|ne pas écrire sous cette|text above this line|above this line to reply|"
    "reply above this message|above this dashed line|"
    "vastaa tämän rivin|この線より上|この行より上|请在此行上方|請在此行上方|이 줄 위에"
)


def _by_start(block: str) -> dict[str, tuple[str, ...]]:
    """Folded phrases by their first two characters: a look-up instead of a search through hundreds."""
    table: dict[str, list[str]] = {}
    for line in block.strip().splitlines():
        for piece in line.split("|"):
            phrase = squeeze(piece)
            if phrase:
                table.setdefault(phrase[:2], []).append(phrase)
    return {start: tuple(sorted(set(phrases), key=len, reverse=True)) for start, phrases in table.items()}


_FORWARDED_BY_START = _by_start(_FORWARDED)
_ORIGINAL_BY_START = _by_start(_ORIGINAL)
LONGEST_FORWARDED = max(len(phrase) for phrases in _FORWARDED_BY_START.values() for phrase in phrases)
_WORD_STARTS = 8  # words, or characters where a script has no spaces


def _named(table: dict[str, tuple[str, ...]], word: str) -> int:
    """The length of the phrase of the table that starts at one of the first words; 0 where there is none."""
    position = 0
    for _ in range(_WORD_STARTS):
        for phrase in table.get(word[position : position + 2], ()):
            if word.startswith(phrase, position):
                return len(phrase)
        position = position + 1 if word[position : position + 1] >= "\u2e80" else word.find(" ", position) + 1
        if position == 0:
            break
    return 0


def names_forward(word: str) -> int:
    """How many characters of a folded line say "forwarded message", 0 for none."""
    return _named(_FORWARDED_BY_START, word)


def names_original(word: str) -> int:
    """How many characters of a folded line say "original message", 0 for none."""
    return _named(_ORIGINAL_BY_START, word)


# Subject prefixes, folded (see `mailgate.mail.subject`).
FORWARD_PREFIXES = frozenset(
    folded_words(
        "fwd|fw|forward|forwarded|ilt|ilet|iletilen|ileti|yönl|yönlendirilen|yönlendirme|wg|wtr|weitergeleitet|tr|transf|"
        "transféré|rv|reenv|reenvio|reenviado|enc|encam|encaminhada|encaminhado|res enc|i|inoltro|inoltra|doorst|"
        "doorgestuurd|dgs|pd|przekazane|przek|předat|předáno|přeposláno|přepos|preposlané|prepos|tov|továbbítás|továbbítva|"
        "redir|redirecționat|înain|vb|vidarebefordrat|vs|vidsent|videresendt|vl|välitetty|πρθ|προωθ|προώθηση|edasi|edastatud|"
        "прб|пересл|переслано|переслать|перенаправлено|пд|препр|препратено|proslj|proslijeđeno|prosl|posr|转发|轉寄|转寄|"
        "轉發|転送|전달|전달됨|הועבר|העברה|إعادة توجيه|بازارسال|chuyển tiếp|trs|terusan|pārs|pārsūtīt|persiųsta|"
        "framsent|ymlaen|rfw|fyi fwd|pers|preposl|přeposl|прослеђено|прослијеђено|prosleđeno|пересылка|переслано от|"
        "пересланное|przekaż|przekazano|inoltrato|encaminhar|reenviar|transférer|yön|ynl|yönlendir|yönlendirildi|forwarded "
        "message|fwd by|تحويل|رسالة محولة|ส่งต่อ|diteruskan|proslediti|posredovano|препратено|välita|edasta"
    )
)
REPLY_PREFIXES = frozenset(
    folded_words(
        "re|aw|antw|antwort|ynt|yan|yanıt|cvp|cevap|rép|rep|réponse|r|rif|ris|risp|res|resp|respuesta|resposta|odp|"
        "odpowiedź|odpověď|odpoveď|vá|válasz|răsp|raspuns|отв|ответ|від|відп|відповідь|sv|svar|vast|vastaus|odg|odgovor|"
        "απ|απάντηση|σχετ|ats|atb|ată|bls|balas|回复|回覆|答复|答覆|回信|返信|답장|회신|תשובה|השב|رد|trả lời|"
        "отговор|отг|одг|одговор|ตอบกลับ|ตอบ|پاسخ|जवाब|atsakymas|atbilde|balasan|antwoord"
    )
)
