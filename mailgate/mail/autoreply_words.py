"""The subjects of automatic replies, language by language: those that machines write, and those that people may write.

Takes a subject as `fold.subject_words` gives it; gives answers to questions about it.
Promises: a subject counts only at its beginning. Strong subjects ("Automatic reply: ...") are enough by themselves;
weak ones ("Out of office") need a body or a header field that says the same. Turkish first.
"""

from __future__ import annotations

import re

from mailgate.mail.fold import word_table

# Followed by a colon these are the prefixes that servers put before the subject they answer.
_STRONG = word_table(
    """
auto antwort|auto-antwort|auto-replied|부재중 자동 회신|부재중 자동회신|부재 중 자동 회신
otomatik yanit|otomatik yanitla|otomatik cevap|otomatik yanıtlama|ofis disinda otomatik yaniti
ofis disi otomatik yanit
ofis disinda otomatik yanit|is yeri disinda otomatik yaniti|otomatik mesaj yaniti|otomatik e-posta yaniti|oto yanit
oto cevap
automatic reply|auto reply|auto-reply|autoreply|automated reply|automatic response|auto response|auto-response
autoresponse
automated response|out of office autoreply|out of office auto-reply|out-of-office autoreply
out of office auto reply|out of office automatic reply|out of office reply|out of office response
automatic out of office reply
out-of-office reply|vacation reply|vacation response|vacation auto-reply|vacation autoreply
automatic email reply|automatic e-mail reply|automatic answer|autoreply from|away auto reply|auto reply from
autoanswer
ooo auto reply|auto-réponse|[auto-reply]|[autoreply]|[auto reply]|(auto reply)
automatische antwort|automatische antwort auf|automatische abwesenheitsnotiz|abwesenheitsnotiz|abwesenheitsnachricht
abwesenheitsbenachrichtigung|automatische abwesenheitsmeldung|automatische ruckantwort|autoantwort
automatisch generierte antwort|automatische ruckmeldung|autom. antwort|abwesenheits-notiz|abwesenheitsagent
automatische e-mail-antwort
abwesenheitsassistent|automatisierte antwort
reponse automatique|reponse automatique d'absence|message automatique d'absence|message d'absence automatique
reponse automatique suite a|absence du bureau reponse automatique|message d'absence|reponse auto|auto reponse
respuesta automatica|respuesta automatica de|respuesta automatica fuera de la oficina|autorespuesta|auto-respuesta
auto respuesta
contestacion automatica|respuesta automatica por ausencia|respuesta de fuera de la oficina
resposta automatica|resposta automatica de|auto-resposta|autoresposta|auto resposta|resposta automatica de ausencia
resposta automatica de ausencia temporaria|aviso de ausencia automatico|resposta de ausencia temporaria
risposta automatica|risposta automatica fuori sede|autorisposta|auto-risposta|risposta automatica di
risposta automatica fuori ufficio|messaggio automatico di assenza
automatisch antwoord|automatische antwoord|automatische beantwoording|afwezigheidsbericht
afwezigheidsassistent|automatisch afwezigheidsbericht|auto-antwoord|automatische reactie|automatisch antwoordbericht
autoantwoord
automatyczna odpowiedz|odpowiedz automatyczna|autoodpowiedz|auto-odpowiedz|odpowiedz automatyczna poza biurem
automaticka odpoved|automatizovana odpoved|odpoved v nepritomnosti|automaticka odpoved mimo kancelar
odpoved z dovolene
automaticka odpoved mimo kancelarie|odpoved v nepritomnosti
automatikus valasz|automatikus valaszuzenet|hazon kivul automatikus valasz|automata valasz
irodan kivul automatikus valasz
raspuns automat|raspuns automat absenta|mesaj automat de absenta|auto-raspuns
автоматический ответ|автоответ|автоматическое уведомление об отсутствии|автоматический ответ на
автоматическое сообщение об отсутствии
автоматична відповідь|автовідповідь
autosvar|automatiskt svar|automatiskt franvaromeddelande|autosvar vid franvaro|autosvar om franvaro|automatsvar|auto svar
automatisk svar|autosvar|automatisk besvarelse|automatisk svarmeddelelse
automatisk fraværsmelding|ikke til stede autosvar|autosvar ved fravaer
automaattinen vastaus|automaattivastaus|poissaoloviesti|automaattinen poissaoloviesti|automaattinen vastausviesti
automatski odgovor|automatski odgovor na|samodejni odgovor|avtomatski odgovor|аутоматски одговор|avtomaticni odgovor
samodejni odziv
αυτοματη απαντηση|αυτοματη απαντηση εκτος γραφειου|αυτοματο μηνυμα απουσιας
автоматичен отговор|автоматичен отговор от
automaatvastus|automaatne vastus|automaatne vastuskiri
automatiska atbilde|automatiskā atbilde|automatiska atbilde uz
automatinis atsakymas|automatinis atsakas
תשובה אוטומטית|מענה אוטומטי|תגובה אוטומטית
رد تلقائي|الرد التلقائي|رد آلي|الرد الآلي|رد تلقائى|رد خارج المكتب
自動応答|自動返信|自動応答メール|自動返信メール|不在自動応答|不在時自動応答|自動不在通知|不在応答|不在メッセージ
自动答复|自动回复|自动应答|自動回覆|自動答覆|自動回復|自動回复|自动回覆|自動應答|不在办公室自动答复|外出自动回复
假期自动回复
자동 회신|자동회신|자동 응답|자동응답|자동 답장|자동답장|부재중 자동응답|부재 중 자동 응답
tra loi tu dong|tu dong tra loi|thu tra loi tu dong|phan hoi tu dong|tu dong phan hoi|tu dong tra loi thu
ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|ข้อความตอบกลับอัตโนมัติ|ตอบรับอัตโนมัติ|การตอบอัตโนมัติ
balasan otomatis|jawaban otomatis|balasan automatis|respon otomatis|balas automatik|balasan automatik
jawapan automatik
resposta automatica|resposta automàtica|erantzun automatikoa|sjalfvirkt svar|स्वचालित उत्तर|स्वचालित जवाब
پاسخ خودکار|pergjigje automatike
автоматски одговор|avtomatik cavab|автоматты жауап|automatic respons|automatisk svar pa
automatisk svar ved fravaer|automatische beantwortung|reponse automatique d'absence du bureau
respuesta automatica de ausencia|automatische antwort bei abwesenheit
repondeur automatique|repondeur|risponditore automatico|autorespondeur|automatisches antwortschreiben|automaticke sdeleni
autoodpowiedz poza biurem|autoodpowiedz nieobecnosc|automated out of office reply|auto-antwoordbericht
"""
)

# Subjects of those who are away. A colleague may write them too: they need a second witness.
_WEAK = word_table(
    """
sabbatical|on sabbatical|chiusura estiva|chiusura per ferie|chiusura natalizia|chiusi per ferie|betriebsferien|betriebsurlaub
fermeture annuelle|fermeture estivale|conges annuels|conges d'ete|conges de fin|cerrado por vacaciones
praxisurlaub|gesloten wegens|jestesmy nieczynni|extended leave|medical leave
отсутствую на рабочем месте|отсутствует на рабочем месте|autoodpowiedz poza|fraværsmelding|mimo kancelář
is yerinde degilim|is yerinde degil|otomatik mesaj|otomatik ileti|automatic message|automatische nachricht
message automatique|mensaje automatico|messaggio automatico|mensagem automatica|automatyczna wiadomosc
автоматическое сообщение|abwesenheitsassistent|abwesenheitsagent|afwezigheidsassistent
absente du bureau|absence de bureau|assenza dall'ufficio|urlaubsnotiz|urlaubsmeldung|urlaubsbenachrichtigung
abwesenheitsinfo|mensaje de ausencia|aviso de ausencia|mensagem de ausencia|aviso de ferias|messaggio di assenza
avviso di assenza|нет на месте|休暇のお知らせ|夏季休業のお知らせ|not in office|out of the country|currently out of office
on parental leave|on maternity leave|on sick leave|on business trip|business trip|travelling|traveling
away|away:
notification d'absence|notifica di assenza|不在通知|poissaoloilmoitus|fravaersmelding|automatisk fravaersmelding
afwezigheidsmelding|abwesenheitsmeldung|franvaromeddelande|automatisch bericht|automaticka sprava|הודעה אוטומטית
autoresponder|auto-responder|auto responder|автоответчик|автовідповідач|this is an automatic reply
repondeur automatique|risponditore automatico|fravaersmeddelelse|fravaersassistent|mensaje automatico de ausencia
auto acknowledgement|out of office notification
ofis disinda|ofis disindayim|ofis disi|ofiste degilim|ofiste olmayacagim|ofiste bulunmuyorum|izindeyim|izinliyim
izinli|yillik izin|yillik izindeyim
yillik iznimi|is yeri disinda|isyeri disinda|tatildeyim|raporluyum|ofis disindayim|sehir disindayim|izin bilgisi
yurt disindayim|dogum izni
out of office|out of the office|out-of-office|ooo|ooto|on vacation|on holiday|on holidays|on leave|on annual leave
annual leave|vacation
i am out of office|i am out of the office|i'm out of the office|i am on|i'm on|i am away|i'm away|away from my mail
away from the office
away from office|away from my desk|away on|away until|away message|absence|absent|absence notice|maternity leave
parental leave|sick leave
sabbatical|not in the office|currently out of|currently away|out until|out today|limited access to email
vacation notice|vacation message
vacation notification|holiday notice|gone fishing|thank you for your email|thank you for your e-mail
thank you for your message
thank you for contacting|thanks for your email|thanks for your message|thanks for contacting|we have received your
we received your
your email has been received|your message has been received|message received|received your|auto:|no longer with
no longer works
no longer employed|has left the company|left the company|change of email|change of e-mail|new email address
my new email|email address change
abwesend|abwesenheit|ich bin abwesend|nicht im buro|ausser haus|urlaub|im urlaub|in urlaub|bin im urlaub
ich bin nicht|ich bin im|ich bin bis
buro nicht besetzt|elternzeit|mutterschutz|krank|nicht erreichbar|derzeit nicht|bin ausser haus|ihre nachricht
ihre e-mail|vielen dank fur ihre
empfangsbestatigung|eingangsbestatigung|mitarbeiter ausgeschieden|ausser dienst
absence du bureau|absent du bureau|absent|absente|absence|en conges|conges|conge|je suis absent|je suis absente
en vacances|hors du bureau|hors bureau
conge maternite|en deplacement|absence prolongee|je suis en|votre message|accuse de reception|merci pour votre
fuera de la oficina|fuera de oficina|ausente|de vacaciones|vacaciones|estoy de|estoy fuera|ausencia
ausente de la oficina|no estoy|fuera del despacho
en vacaciones|baja maternal|acuse de recibo|gracias por
fora do escritorio|ausente|ausencia|ausencia temporaria|ausente do escritorio|de ferias|ferias|estou de|estou fora
fora da empresa|em ferias
ausente do trabalho|licenca maternidade|obrigado pelo|fora de escritorio
fuori sede|fuori ufficio|assente|assenza|assente dall'ufficio|in ferie|ferie|sono assente|sono in|sono fuori
fuori dall'ufficio|congedo|maternita|chiusura
conferma di ricezione|grazie per
afwezig|niet aanwezig|buiten kantoor|niet op kantoor|vakantie|op vakantie|ik ben|met vakantie|afwezigheid|met verlof
zwangerschapsverlof|uit kantoor
ontvangstbevestiging|bedankt voor
poza biurem|nieobecnosc|nieobecny|nieobecna|jestem nieobecny|jestem nieobecna|urlop|na urlopie|jestem na
poza biurem do|nieobecnosc w biurze|jestem poza
mimo kancelar|nepritomnost|nepritomen|nepritomna|dovolena|na dovolene|jsem mimo|mimo pracoviste|mimo firmu
nejsem v kancelari
mimo kancelarie|nepritomnost|dovolenka|na dovolenke|som mimo|nie som v kancelarii|neprítomný
hazon kivul|irodan kivul|tavollet|nem vagyok|szabadsag|szabadsagon|szabadsagon vagyok|tavol vagyok|tavolleti
nyaralok
absent de la birou|absenta|in afara biroului|plecat din birou|concediu|in concediu|sunt in|nu sunt la birou|absent
вне офиса|нет на работе|в отпуске|отпуск|отсутствие|я в отпуске|отсутствую|нет в офисе|я отсутствую|нет на месте
на больничном|нахожусь в отпуске|отсутствие на рабочем месте
в командировке|буду отсутствовать|меня нет
поза офісом|у відпустці|відпустка|відсутність|я у відпустці|відсутній|відсутня|немає на роботі
franvaro|franvarande|ej pa kontoret|inte pa kontoret|semester|pa semester|jag ar|ej pa plats|foraldraledig|ledig
tjanstledig|utanfor kontoret
fravaer|fravaerende|ikke til stede|ikke pa kontoret|ferie|pa ferie|jeg er|ude af kontoret|barsel|holder ferie|fridag
ikke pa kontor|ute av kontoret|permisjon
poissa toimistosta|poissaolo|poissa|lomalla|loma|olen|vuosiloma|olen lomalla|en ole|aitiysloma|vanhempainvapaa
olen poissa
izvan ureda|van kancelarije|godisnji odmor|na godisnjem|odsutnost|odsutan|odsutna|odsotnost|odsoten|odsotna|dopust
na dopustu|nisem v pisarni|odsustvo|odsutan sam
ван канцеларије|годишњи одмор|одсуство|на одмору|odsustvo|izven pisarne
εκτος γραφειου|απουσια|απουσιαζω|αδεια|σε αδεια|ειμαι|απουσια απο το γραφειο|εκτος του γραφειου
извън офиса|отсъствие|в отпуск|отпуск|отсъствам|отпуска
kontorist valjas|puhkus|puhkusel|olen puhkusel|eemal|kontorist eemal|viibin puhkusel
arpus biroja|prombutne|atvalinajums|atvalinajuma|esmu atvalinajuma|neesmu biroja
ne biure|nesu biure|atostogos|atostogose|nesu darbe|atostogauju|nedarbe
מחוץ למשרד|לא במשרד|בחופשה|חופשה|אני בחופשה|נעדר|אינני במשרד
خارج المكتب|خارج العمل|في اجازة|إجازة|اجازة|غائب|انا في اجازة|عطلة
不在|不在にしております|休暇|外出中|夏季休暇|休業|年末年始|お休み|出張中|退職|休暇中|不在のお知らせ|受付完了
お問い合わせありがとう
外出|不在办公室|不在辦公室|休假|出差|度假|正在休假|我在休假|休假中|离职|離職|邮件已收到|来信已收到
您的来信|来信收到
부재|부재중|부재 중|휴가|휴가중|휴가 중|출장|출장중|외근|사무실 부재|육아휴직|퇴사
vang mat|nghi phep|toi dang|ngoai van phong|khong co mat tai van phong|di cong tac|nghi le
ไม่อยู่|ไม่อยู่ที่ทำงาน|ลาพักร้อน|นอกสำนักงาน|ไม่อยู่ที่สำนักงาน|ลางาน|ลาหยุด
di luar kantor|cuti|sedang cuti|tidak di kantor|luar kantor|di luar pejabat|tidak berada di|sedang tidak di kantor
fora de l'oficina|fora de l'oficina|bulegotik kanpo|ekki a skrifstofunni|in sumarfrii
"""
)

# Of these, those in which somebody says of himself that he is away, or that are the whole subject.
_FIRST_PERSON = word_table(
    """
izindeyim|ofiste degilim|ofis disindayim|tatildeyim|raporluyum|i am out of|i'm out of|i am away from
i'm away from|i am on vacation
i am on leave|i am on annual leave|i will be out of|i'll be out of|away from my mail|i am not in the office
ich bin nicht im|ich bin zur zeit nicht|ich bin derzeit nicht|ich bin momentan nicht|ich bin ausser haus
ich bin abwesend|ich bin im urlaub|bin im urlaub|je suis absent|je suis absente|je suis en conge
je suis en vacances|estoy fuera de
estoy de vacaciones|estou de ferias|estou fora do|sono assente|sono in ferie|sono fuori ufficio|ik ben afwezig
ik ben niet aanwezig
ik ben op vakantie|jestem nieobecny|jestem nieobecna|jestem na urlopie|jsem mimo kancelar|som mimo kancelarie
nem vagyok az irodaban
я в отпуске|я отсутствую|я у відпустці|jag ar inte pa kontoret|jag ar pa semester|jeg er ikke pa kontoret
jeg er pa ferie|olen lomalla
olen poissa|na godisnjem sam|na dopustu sem|απουσιαζω|отсъствам|אני בחופשה|我在休假|正在休假|휴가 중
"""
)
_WHOLE = frozenset(
    word_table(
        """
away|out of office|out of the office|out-of-office|out of office notification|away from the office|ofis disinda
ofis disi|is yeri disinda
abwesenheit|abwesend|nicht im buro|ausser haus|absence du bureau|absent du bureau|hors du bureau
fuera de la oficina|fuera de oficina
fora do escritorio|ausente do escritorio|fuori ufficio|fuori sede|buiten kantoor|afwezig|niet aanwezig
poza biurem|mimo kancelar
mimo kancelarie|hazon kivul|irodan kivul|absent de la birou|вне офиса|нет на работе|поза офісом|ej pa kontoret
inte pa kontoret
ikke pa kontoret|ikke til stede|poissa toimistosta|izvan ureda|van kancelarije|εκτος γραφειου|извън офиса
kontorist valjas|arpus biroja
ne biure|מחוץ למשרד|خارج المكتب|不在通知|不在|外出|不在办公室|不在辦公室|부재중|vang mat|vacation message
holiday notice|di luar kantor|vacation reply|vacation response|message d'absence|abwesenheitsnotiz
"""
    )
)

# Prefixes of Exchange 2003 and of simple responders, before the subject that they answer.
_OFFICE = word_table(
    """
out of office:|out of the office:|ofis disinda:|ofis disi:|absence du bureau :|absence du bureau:|absent du bureau :
absent du bureau:|fuera de oficina:|fuera de la oficina:|fora do escritorio:|ausencia temporaria:|ausente do escritorio:
fuori sede:|fuori ufficio:|niet aanwezig:|afwezig:|buiten kantoor:|ikke til stede:|fravaersmelding:|fravaersmeddelelse:
ikke pa kontoret:|franvaro:|franvaromeddelande:|ej pa kontoret:|poissa:|poissa toimistosta:|poza biurem:|nieobecnosc:
hazon kivul:|irodan kivul:|mimo kancelar:|mimo kancelarie:|abwesend:|nicht im buro:|ausser haus:|im urlaub:|вне офиса:
нет на работе:|отсутствую на рабочем месте:|отсутствует на рабочем месте:|поза офісом:|不在:|不在通知:|外出:|外出时:|부재중:
εκτος γραφειου:|izvan ureda:|van kancelarije:|absent de la birou:|in afara biroului:|извън офиса:|מחוץ למשרד:
"""
)
_MYSELF = re.compile(
    r"\b(?:i|i'm|i'll|we|jag|jeg|olen|en ole|ik|ich|jestem|przebywam|bin|je|j'ai|estoy|estare|estou|estarei|encontro-me|sono|saro"
    r"|vagyok|jsem|som|mam|sunt)\b|\b(?:я|нахожусь|отсутствую)\b|我|いただ|休暇中|ofisteyim|izindeyim|disindayim"
)
# Whole subjects of responders (AOL, Yahoo), followed by an address or nothing.
_RESPONDERS = (
    "auto response from ",
    "automatic response from ",
    "yahoo! auto response",
    "autoreply from ",
    "auto-reply from ",
    "automatic reply from ",
)
# Domino: "Berta Beispiel/Office/Company is out of the office (returning 03.06.2024)."
_SOMEBODY_AWAY = re.compile(
    r"[^:?!\[#]{2,80}? ?(?:は不在|is out of (?:the )?office|is on vacation|is away|will be out of the office|ist ausser haus"
    r"|ist abwesend|ist nicht im (?:buro|haus)|est absente?|est en conges|esta ausente|esta fuera de la oficina"
    r"|is afwezig|e assente|e fuori sede|jest nieobecn[ay]|ofis disinda|izinde|e fuori ufficio|e in ferie"
    r"|esta fora do escritorio|esta de ferias|esta de vacaciones|ist im urlaub|is op vakantie|is niet aanwezig|is met vakantie"
    r"|ar inte pa kontoret|er ikke pa kontoret|er pa ferie|on lomalla|je mimo kancelar|в отпуске|отсутствует)(?:\b|です)"
)
# A leaver's: colleagues write of others like that, so that the name must be the author's own, or a machine submits it.
_LEFT = re.compile(
    r"[^:?!\[#]{2,80} (?:(?:is )?no longer (?:works|working|with|employed|an employee)|has left|arbeitet nicht mehr"
    r"|ist nicht mehr (?:im|bei|fur)|ne travaille plus|n'est plus (?:dans|en poste)|ya no trabaja|non lavora piu"
    r"|nao trabalha mais|werkt niet meer|artik calismamakta)\b"
)
# What follows without a colon: "Automatic reply Re: Printer", "Automatische Antwort auf Ihre Nachricht: Drucker".
_ANSWERED_SUBJECT = re.compile(
    r"(?:re|aw|fwd|fw|sv|vs|antw|odp|ynt|rv|tr|wg) ?:|(?:(?:to|auf|a|pa|til|op|na|от|на) )?(?:your|ihre|votre|su|tu|sua|uw"
    r"|din|ditt|deine|ваше|la sua|la tua) (?:e-?mail|mail|message|nachricht|correo|mensaje|messaggio|bericht|mensagem|письмо"
    r"|melding|besked|meddelande) ?:"
)
# GroupWise puts it behind: "Re: minutes (Out of office)".
_BEHIND = re.compile(
    r"[\[(](?:(?:i am )?(?:currently )?out of (?:the )?office|away from (?:the |my )?office|vacation|on vacation|auto-?reply"
    r"|automatic reply|automatische antwort|abwesend|im urlaub|absent|ausser haus)[\])]$"
)
_ENDS = re.compile(r"[\s:;,.!?()\[\]{}<>/*~#\"'|+&=。、：！（）【】\d-]|$")


_REST = re.compile(
    r"(?!\(\d\))\s*(?:$|[:;,.!()\[\]{}<>/*~#|&=。、：！（）【】\d-]|(?:re|aw|sv|vs|antw|odp|ynt|fw|fwd)\b|(?:until|till|til|through|from|to"
    r"|between|today|this|next|and|bis|vom|ab|von|seit|jusqu|du|au|hasta|del|desde|ate|de|fino|dal|al|tot|van|vanaf|od|do"
    r"|fram|fran|fra|asti|saakka|kadar|tarih|arasi|до|с|по|від|εως|μεχρι|notice|notification|message|reply|autoreply"
    r"|response|hakkinda)\b|[^\x00-\u024f])"
)


def _prefix(subject: str, table: tuple[str, ...]) -> str | None:
    """The longest entry that the subject begins with, at the end of a word."""
    if not subject.startswith(table):
        return None
    words = [word for word in table if subject.startswith(word) and _ENDS.match(subject, len(word))]
    return max(words, key=len) if words else None


def is_reply_subject(words: str) -> bool:
    """Whether a subject (as `fold.subject_words` gives it) is one that only machines write: "Automatic reply: ..."."""
    words = words.lstrip("[(【<*\"'! ")
    if words.startswith(_RESPONDERS) or (words.startswith("auto: ") and _SOMEBODY_AWAY.match(words[6:])):
        return True
    prefix = _prefix(words, _STRONG)
    if prefix is None:
        return False
    rest = words[len(prefix) :].lstrip(" ")
    return rest.startswith((":", "：", "]", ")", "】", ">", "*")) or bool(_ANSWERED_SUBJECT.match(rest))


def names_reply(words: str) -> bool:
    """Whether a subject begins with the words of an automatic reply, as people might write them too."""
    words = words.lstrip("[(【<*\"'! ")
    return _prefix(words, _STRONG) is not None


def is_only_reply(words: str) -> bool:
    """Whether a subject is the words of an automatic reply and nothing else."""
    return words.strip("[](){}【】<>*\"'!. :-") in _STRONG


def names_absence(words: str) -> bool:
    """Whether a subject begins with words of absence ("Out of office", "İzindeyim")."""
    return _prefix(words.lstrip("[(【<*\"'! "), _WEAK) is not None or bool(_SOMEBODY_AWAY.match(words))


_DATED = re.compile(
    r"\s{0,3}(?:\d|(?:re|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|on|from|until|till|to|for"
    r"|this|next|today|tomorrow|all|am|vom|von|bis|ab|du|le|del|dal|tot|van|od|до|с)\b(?!:))"
)


def own_exchange_prefix(words: str) -> str:
    """The words before the subject as Exchange 2003 put them there ("Out of Office: Your question"), or ""."""
    return next((prefix.rstrip(" :") for prefix in _OFFICE if words.startswith(prefix)), "")


def speaks_of_himself(text: str) -> bool:
    """Whether the writer of squeezed text says "I": schools write "absent: Lisa" of their pupils."""
    return _MYSELF.search(text) is not None


def names_absence_behind(words: str) -> bool:
    """Whether a subject ends with words of absence in parentheses, as GroupWise writes it."""
    return _BEHIND.search(words) is not None


def names_leaver(words: str) -> bool:
    """Whether a subject says that somebody has left ("Jane Doe no longer works here")."""
    return _LEFT.match(words) is not None


def tells_of(words: str, name: str) -> bool:
    """Whether a subject is about the absence of the one who bears that name (both squeezed)."""
    told = _LEFT.match(words) or _SOMEBODY_AWAY.match(words)
    return told is not None and any(len(part) > 2 and part in words[: told.end()].split() for part in name.split())


def names_absence_before_subject(words: str) -> bool:
    """Whether words of absence stand before another subject ("Out of office: Printer"), and not before a date."""
    words = words.lstrip("[(【<*\"'! ")
    prefix = _prefix(words, _WEAK)
    if prefix is None:
        return False
    rest = words[len(prefix) :].lstrip(" -") if not prefix.endswith(":") else f":{words[len(prefix) :]}"
    if rest.startswith(("re:", "aw:", "fwd:", "sv:", "vs:", "ynt:")):
        return True
    return rest[:1] in (":", "：") and len(rest) > 2 and not _DATED.match(rest, 1)


def ends_there(words: str) -> bool:
    """Whether behind those words comes nothing, a separator, a date or the answered subject, and not a noun.

    "Out of office until Monday" and "Abwesend: Drucker", but not "Vacation photos".
    """
    words = words.lstrip("[(【<*\"'! ")
    prefix = _prefix(words, _WEAK) or _prefix(words, _STRONG)
    if prefix is None:
        return bool(_SOMEBODY_AWAY.match(words))
    return bool(_REST.match(words, len(prefix)))


def names_own_absence(words: str) -> bool:
    """Whether a subject is that of one who is away himself ("I am out of the office", or "Out of office" alone)."""
    words = words.strip("[](){}【】<>*\"'!. ")
    return words in _WHOLE or words.startswith(_OFFICE) or _prefix(words, _FIRST_PERSON) is not None
