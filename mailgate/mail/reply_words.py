"""The words round quotations and signatures of replies, language by language.

Takes nothing, or the new words; gives tables for `reply_attribution` and `reply_signature`, folded as `fold.squeeze`
folds, and says whether the answers stand elsewhere. Promises: bounded, never raises.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import squeeze
from mailgate.mail.mail_words import folded_words

# "wrote", as it stands in lines like "On Monday, Jane wrote:".
_VERBS = (
    "wrote|writes|has written|schrieb|schrieben|hat geschrieben|geschrieben|a écrit|écrit|a écrit le|écrivait|"
    "escribió|escribio|escribe|ha escrito|escreveu|escreve|scritto|scrive|scriveva|schreef|schrijft|geschreven|"
    "napisał|napisal|napisana przez|napisała|pisze|napsal|píše|napísal|napisao|napisala|je pisao|je pisala|je napisao|"
    "piše|írta|írja|a scris|scrie|написал|написала|пишет|писал|пише|написав|написала|написа|напис|skrev|skriver|"
    "kirjoitti|kirjoittaa|έγραψε|έγραψαν|γράφει|kirjutas|kirjutab|rakstīja|raksta|parašė|rašė|yazdı|yazmış|yazıyor|写道|"
    "寫道|写到|寫到|来信|书写|の書き込み|は書きました|が書きました|書きました|さんは書き|のメール|"
    "さんからのメール|작성|작성했습니다|님이 씀|님이 작성|كتب|كتبت|כתב|כתבה|مینویسد|نوشت|"
    "เขียน|đã viết|viết|menulis|va escriure|ha escrit|skrifaði|shkroi|idatzi du|"
    "missatge de|rašo|napisali|napsala|napísala|sent the following|quoth"
)
_verbs = sorted(folded_words(_VERBS), key=lambda word: (-len(word), word))
VERB = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(re.escape(verb) for verb in _verbs if verb.isascii())
    + r")(?![a-z])|"
    + "|".join(re.escape(verb) for verb in _verbs if not verb.isascii())
)

# How an attribution begins where it does not begin with a number or a weekday.
_OPENERS = (
    "on|at|in|le|am|el|il|il giorno|op|w dniu|dnia|dne|dňa|em|no dia|a|den|på|στις|την|dana|u|na|în data|în|la|pe|vào|"
    "vào lúc|pada|pada tanggal|в|во|от|на|у|о|date|quoting|tarih|kl|ngày|em|os|az|ekkor|vp|dag|kuupäeval|i|il dì|in data|"
    "zitat von|datum|þann|lør|ke|to|ma|ti|su|pir|lr|em data|às|alle|um|van|le lun|no|naar|missatge de|dia"
)
OPENER = re.compile(
    r"[^\w]{0,4}(?:"
    + "|".join(re.escape(word) for word in sorted(folded_words(_OPENERS), key=lambda word: -len(word)))
    + r")[ .,:]|[^\w]{0,4}(?:在|于|於|"
    + "|".join(re.escape(word) for word in folded_words("בתאריך|ב|في|در|เมื่อ|วัน"))
    + r")"
)

# Signatures that a mail program adds by itself: how the line begins, or how it ends.
MOBILE_STARTS = folded_words(
    "sent from my|sent from|sent via|sent using|sent with|get outlook for|download outlook|get yahoo mail|"
    "securely sent with|sent while mobile|sent while on the|composed on a|typed on a|from my iphone|via iphone|"
    "sicher versendet mit|mit tutanota sicher|mit tuta sicher|von unterwegs gesendet|gesendet aus der|získejte outlook|"
    "obțineți outlook|hangi outlook|取得 outlook|вземете outlook|קבל את outlook|الحصول على outlook|tải outlook|"
    "dapatkan outlook|gaukite outlook|iegūstiet outlook|nabavite outlook|pridobite outlook|sent by my|"
    "sent through my|composed on my|posted from my|typed on my|typed with|written from my|typed from|"
    "written on my|sent on the go|sent on my|virus-free|von meinem|von meiner|gesendet von|"
    "gesendet mit|gesendet über|diese nachricht wurde von meinem|holen sie sich outlook|outlook für|envoyé de|"
    "envoyé depuis|envoyé à partir|envoyé avec|envoyé via|obtenir outlook|obtenez outlook|télécharger outlook|"
    "provenance :|enviado desde|enviado de|enviado do|enviado a partir|enviado via|enviado através|enviado con|"
    "enviado com|enviado por|obtener outlook|obtén outlook|obter o outlook|obter outlook|baixe o outlook|"
    "inviato da|inviato dal|inviato con|inviata da|scarica outlook|ottieni outlook|verzonden vanaf|verstuurd vanaf|"
    "verzonden met|verzonden via|verzonden van|"
    "verstuurd met|verstuurd via|verstuurd van|outlook voor|download outlook voor|wysłane z|wysłano z|wysłane przy|"
    "pobierz program outlook|pobierz aplikację outlook|odesláno z|odesláno ze|odoslané z|odoslané zo|stáhněte si outlook|"
    "získat outlook|elküldve|küldve|az iphone|az outlook|iphone-ról|trimis de pe|trimis din|trimis de la|descărcați outlook|"
    "отправлено с|отправлено из|отправлено от|отправлено через|скачайте outlook|получить outlook|надіслано з|надіслано із|"
    "відправлено з|надіслано від|отримати outlook|skickat från|skickades från|skickat med|hämta outlook|sendt fra|"
    "sendt med|sendt via|hent outlook|få outlook|skaff deg outlook|lähetetty|hanki outlook|outlookin|poslano s|poslano sa|"
    "poslano iz|poslano z|poslato sa|preuzmite outlook|εστάλη από|στάλθηκε από|απεσταλμένο από|λήψη του outlook|"
    "αποκτήστε το outlook|saadetud minu|saadetud|изпратено от|изпратено с|sūtīts no|išsiųsta iš|发自我的|发自|發自|发送自|傳送自|"
    "从我的|從我的|寄自|由我的|通过|获取 outlook|"
    "下載|나의|내|iphone에서|أرسلت من|تم الإرسال من|أُرسلت من|מאת ה|נשלח מ|نשלח|ارسال شده از|"
    "ส่งจาก|được gửi từ|đã gửi từ|gửi từ|dikirim dari|enviat des|android için outlook|ios için outlook|outlook'u edinin|"
    "windows için posta|windows 10 için"
)
MOBILE_ENDS = folded_words(
    "'umdan gönderildi|’umdan gönderildi|'imden gönderildi|’imden gönderildi|'ımdan gönderildi|cihazımdan gönderildi|"
    "telefonumdan gönderildi|'den gönderildi|’den gönderildi|'dan gönderildi|’dan gönderildi|'ten gönderildi|"
    "mail'den gönderildi|posta ile gönderildi|uygulamasından gönderildi|ile gönderildi|'mdan gönderildi|'mden gönderildi|"
    "'umdan gönderilmiştir|’umdan gönderilmiştir|gönderilmiştir|için outlook'u edinin|için outlook’u edinin|"
    "için outlook'u alın|edinin|gesendet|から送信|からの送信|より送信|を入手|에서 보냄|에서 보냈습니다|에서 발송|傳送|发送|寄出|"
    "发出|다운로드|postadan gönderildi|下载 outlook|készülékemről küldve|küldve|-ról küldve|-ből küldve|から"
)

# Lines below a message that nobody typed: advertisements of scanners and free mail, list footers.
FOOTER_STARTS = folded_words(
    "virus-free|this email has been checked for viruses|this e-mail has been checked|diese e-mail wurde von avast|"
    "cet e-mail a été vérifié|bu e-posta avast|virüs bulunmuyor|virenfrei|garanti sans virus|libre de virus|"
    "you received this message because|you are receiving this because|this message was sent using|this mail sent through|"
    "this message has been scanned|this email has been scanned|do you yahoo|"
    "to unsubscribe from this group|this message was sent to|unsubscribe:|"
    "mailing list:|[image: avast|[image: virus|avast logo"
)

# "My answers are below in red": they stand between lines of the history that have no marks.
_ANSWERS_WITHIN = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|replied|responses?|responded|comments?|commented|answered|notes?|remarks?|feedback)\b"
    r".{0,30}\b(?:in-?line|below|beneath|underneath|within (?:the|your)|in (?:red|blue|green|bold|caps|colou?r|the body|your))\b"
    r"|\b(?:see|please find) (?:my )?(?:in-?line|(?:below )?in (?:red|blue|green))\b"
    r"|\b(?:antwort(?:en)?|kommentare?|anmerkungen)\b.{0,40}\b(?:unten|rot|blau|grun|im text|inline|direkt in|darunter|farbig)"
    r"|\b(?:reponses?|commentaires?|repondu)\b.{0,40}(?:ci-dessous|en rouge|en bleu|en vert|dans le (?:texte|corps))"
    r"|\b(?:respuestas?|comentarios?|respostas?|contesto|respondo)\b.{0,40}\b(?:abajo|abaixo|em? rojo|em vermelho|en azul|"
    r"em azul|en negrita|en el texto|no texto|debajo)"
    r"|\b(?:rispost[ae]|commenti|rispondo)\b.{0,40}\b(?:sotto|in rosso|in blu|nel testo|di seguito)"
    r"|\b(?:antwoord(?:en)?|opmerkingen|reacties?)\b.{0,40}\b(?:hieronder|in (?:het )?rood|in (?:het )?blauw|in de tekst)"
    r"|\b(?:cevap|yanit)[a-z]*\b.{0,40}\b(?:asagida|kirmizi|mavi|satir ara)"
    r"|\b(?:odpowiedzi|komentarze|odpovedi|odgovori)\b.{0,40}(?:ponizej|czerwono|niebiesko|w tekscie|nize|cervene|crveno|ispod)"
    r"|(?:ответ|комментари)[а-я]*.{0,40}(?:ниже|красн|син[ие]м|в тексте)"
    r"|\b(?:svar|kommentarer)\b.{0,40}\b(?:nedan|nedenfor|i rott|i rodt|med rod|i texten|i teksten)"
)


def says_answers_within(text: str) -> bool:
    """Whether a few words say that the answers stand in the older message: "See my replies below in red"."""
    return 0 < len(text) <= 800 and _ANSWERS_WITHIN.search(squeeze(text)) is not None
