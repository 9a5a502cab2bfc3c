"""The sentences of MTAs that say mail was not delivered, and why.

Takes nothing; gives tables, folded (`fold.squeeze`): a phrase counts anywhere in the first part of a body, and only
where a mail system speaks (`bounce_voice`). Promises: nothing here decides anything.
Standards: RFC 3463 section 3 (what the status codes mean).
"""

from __future__ import annotations

import re

from mailgate.mail.fold import word_table

PHRASES = word_table(
    """
exceeded the mailbox quota|exceeded their mailbox|exceeded its mailbox|exceeded his mailbox
avviso di mancata consegna|e stato rilevato un errore|e' stato rilevato un errore|messaggio e' stato rifiutato
messaggio e stato rifiutato|anomalia nel messaggio
could not be delivered|couldn't be delivered|cannot be delivered|can not be delivered|can't be delivered
could not deliver|couldn't deliver|cannot deliver|can not deliver|unable to deliver|unable to be delivered
was not delivered|wasn't delivered|were not delivered|not been delivered|has not been delivered|not delivered to
is undeliverable|was undeliverable|message undeliverable|undeliverable mail|undeliverable message|undeliverable to
undeliverable address|undelivered mail|delivery has failed|delivery failed|delivery to the following
delivery failure|delivery error|delivery status notification|delivery problems|delivery errors|failed to deliver
failed recipient|failed addresses|failed address|failed permanently|failed delivery|delivery attempt
wasn't able to deliver|was not able to deliver|were unable to deliver|i was unable to deliver|we were unable
we weren't able|were not able to deliver|had permanent fatal errors|permanent fatal|transient non-fatal errors
permanent error|did not reach|didn't reach|not reach the following|could not be reached|could not be sent
was not sent
could not send|couldn't send|cannot send|unable to send|undeliverable because|problem delivering|problems delivering
error delivering|error while attempting to deliver|trouble delivering|encountered while trying to deliver
error has occurred while attempting to deliver|error occurred while|delivery temporarily|delivery is delayed
has been delayed|delivery delayed|is delayed|was delayed|still trying|will keep trying|not yet been delivered
will be retried|delivery attempts will|unable to relay|unable to find|returned to you|returned to sender|is returned
has been returned|being returned|returning message|returning your mail|returned your message|mail is returned
transcript of session follows|session transcript|message transcript|bounced message|the mail system
was rejected|been rejected|rejected your message|rejected recipient|rejected by|was refused|been refused|refused by
remote server returned|remote host said|remote server replied|smtp error from remote|in reply to rcpt to command
reason: 5|reason: 4|said: 5|said: 4|rcpt to|remote-mta|diagnostic-code|user unknown|unknown user|no such user
user not found|no such mailbox|no such recipient|unknown recipient|recipient unknown|recipient not found
recipient name is not recognized|mailbox not found|mailbox unavailable|mailbox full|mailbox is full|mailbox was full
over quota|quota|exceeded quota|quota exceeded|exceeds quota|exceeds allowed size|exceeded the storage|out of storage
insufficient storage|storage limit|address rejected|invalid recipient|invalid address|address not found
address does not exist|address doesn't exist|does not exist|doesn't exist|account is disabled
account has been disabled
account that you tried to reach|not listed in|no valid recipients|address is not valid|host unknown|unknown host
host or domain name not found|domain name not found|dns error|unrouteable address|unrouteable mail domain
no longer in use|no longer valid|no longer active|no longer exists|no longer available|is not active|is inactive
no longer accept|is no longer monitored|has been closed|been deactivated|has been suspended|address has changed
message blocked|considered spam|spam message|returned mail|returned email|this is a bounce|non-delivery
recipient's mailbox|recipient mailbox|maximum hop count|too many hops|mail loop|exceeds the maximum message size
message too large|message size exceeds|rejected your mail|can't open mailbox|relaying denied|relay access denied
the following address|following recipient|following users|following addresses|deliver your message
deliver message to
deliver this message|sending your message|your message to|message that you sent|message you sent
konnte nicht zugestellt|nicht zugestellt werden|nicht zugestellt|konnten nicht zugestellt|unzustellbar
nicht zustellbar
fehler bei der zustellung|zustellung fehlgeschlagen|folgende(n) empfanger|empfanger nicht erreicht
nicht erreicht|postfach ist voll|postfach voll|empfanger unbekannt|unbekannter empfanger|existiert nicht
konnte nicht ubermittelt|konnte nicht gesendet|ubermittlung an folgende|fehler beim ubermitteln
n'a pas pu etre|n'ont pas pu|pas pu etre remis|n'a pas ete remis|echec de la remise|non remis|non distribue
impossible de remettre|destinataire inconnu|adresse inconnue|boite aux lettres est pleine|boite pleine|n'existe pas
pas pu etre distribue|n'a pu etre|n'a pas ete delivre|pas pu etre delivre|utilisateur inconnu|pas atteint
no se ha podido entregar|no se pudo entregar|no pudo ser entregado|no ha podido ser entregado|no se puede entregar
no fue entregado|no se entrego|error al entregar|no existe|buzon lleno|usuario desconocido|no alcanzo
fallo en la entrega|error de entrega|no llego a|no se pudo enviar|no se ha entregado
nao pode ser entregue|nao foi entregue|nao pode ser|nao foi possivel entregar|falha na entrega|caixa postal cheia
nao existe|caixa de correio cheia|usuario desconhecido|nao conseguimos entregar|nao atingiu|a entrega falhou
non e stato possibile|impossibile recapitare|non e stato recapitato|mancato recapito|casella piena
utente sconosciuto
non e stato consegnato|impossibile consegnare|recapito non riuscito|non esiste|casella di posta piena
non ha raggiunto
kon niet worden bezorgd|niet worden afgeleverd|niet worden bezorgd|niet bezorgd|bestaat niet|postbus is vol
is mislukt|niet bereikt|kan niet worden afgeleverd|onbekende gebruiker
teslim edilemedi|teslim edilemiyor|teslim edilememistir|iletilemedi|iletilemiyor|iletilememistir|ulastirilamadi
gonderilemedi|gonderilememistir|ulasamadi|posta kutusu dolu|posta kutusu doludur|kota asildi|kotasi dolu
kullanici bulunamadi
kullanici yok|boyle bir kullanici|alici bulunamadi|adresi bulunamadi|adres bulunamadi|teslim basarisiz
teslimat basarisiz
teslim edilmesi basarisiz|teslimi basarisiz|mevcut degil|alicilara ulasmadi|alicisi bulunamadi
gecici olarak ertelendi
не удалось доставить|не может быть доставлено|не было доставлено|не доставлено|не удается доставить|ящик переполнен
не существует|пользователь не найден|не найден|невозможно доставить|доставка не удалась|не доставлена|не могло быть
ошибка доставки|нет такого пользователя|переполнен|недоставлен|не вдалося доставити|не може бути доставлен
nie mogla zostac dostarczona|nie dostarczono|nie zostala dostarczona|nie mozna dostarczyc|nie istnieje|przepelnion
nie powiodlo sie dostarczenie|nieznany uzytkownik|nie udalo sie dostarczyc|nie zostala doreczona
nebyla dorucena|nemohla byt dorucena|nelze dorucit|se nepodarilo dorucit|dorucit se nepodarilo|neexistuje
nebylo mozne
nebola dorucena|nepodarilo sa dorucit|nemozno dorucit
nem sikerult kezbesiteni|nem kezbesitheto|kezbesites sikertelen|nem letezik|nem lehetett kezbesiteni|sikertelen
nu a putut fi livrat|nu a fost livrat|livrarea a esuat|nu exista|nu s-a putut livra
kunde inte levereras|gick inte att leverera|kan inte levereras|leveransen misslyckades|finns inte|nadde inte
kunne ikke leveres|blev ikke leveret|kan ikke leveres|leveringen mislykkedes|mislykkedes|findes ikke
ble ikke levert|finnes ikke
ei voitu toimittaa|toimittaminen epaonnistui|toimitus epaonnistui|ei ole olemassa|ei tavoittanut
nije isporucena|nije mogla biti|ne postoji|ni bilo mogoce dostaviti|nije moguce isporuciti
δεν ηταν δυνατη η παραδοση|αποτυχια παραδοσης|δεν παραδοθηκε|δεν υπαρχει|η παραδοση απετυχε
не можа да бъде|не е доставено|не беше доставено|не съществува
לא ניתן היה למסור|לא נמסרה|המסירה נכשלה|אינו קיים|לא הגיעה
تعذر تسليم|لم يتم تسليم|فشل تسليم|غير موجود|تعذر التسليم
配信できません|配信されません|配信に失敗|配送できません|配送されません|届きません|届けることができません
送信できません
お届けできません|送信に失敗|宛先不明|宛先が見つかりません|存在しません|メールボックスがいっぱい|容量を超え
配達できません
エラーになりました|宛先のメールアドレス|届けられません|配信不能|配信できなかった|受信できません|受信拒否
退回|无法投递|無法投遞|投递失败|投遞失敗|未能送达|無法送達|无法送达|发送失败|不存在|邮箱已满|信箱已滿|退信|空间不足
无法发送|无法将您的邮件|無法將您的郵件|无法将邮件|无法传递|傳遞失敗|传递失败|无法到达|收件人
배달되지|배달할 수 없|전송하지 못|전송에 실패|발송되지|존재하지 않|반송|용량 초과|수신자
khong the gui|khong gui duoc|khong ton tai|khong the chuyen
ไม่สามารถส่ง|ไม่พบ|ไม่สามารถจัดส่ง
tidak dapat dikirim|tidak terkirim|tidak ditemukan|gagal
user not known|not known here|is unknown here|user name not found|not a local user|is not local|relay denied
exited with status|levererades inte|har inte levererats|leveredes ikke|er ikke leveret|er ikke levert|kunde inte nas|kunne ikke nas
automatically rejected|status=bounced|status=deferred|status=undeliverable|has bounced|have bounced
did not go through|didn't go through
delivery of the email was stopped|delivery of the message was stopped|was not accepted|not been accepted|was blocked
has been blocked|were blocked|been discarded|message discarded|not authorized to|not allowed to post|not allowed to send
not permitted to|only subscribers may|only members may|non-members are not|not distributed|account closed
account has been closed|has been terminated|no longer with|bad address|returned undelivered|refused to accept
wurde abgelehnt|wurde abgewiesen|wurde zuruckgewiesen|wurde verweigert|nicht angenommen|uberschritten|unbekannt
a ete refuse|a ete rejete|a ete retourne|est saturee|est pleine|est inconnue?|adresse erronee|est erronee|pas reussi
ha sido devuelto|ha sido rechazado|fue rechazado|fue devuelto|esta lleno|es desconocido|ha superado su
foi devolvid|foi rejeitad|foi recusad|retornou|inexistente|esta cheia|nao foi encontrado
e stato respinto|e stato rifiutato|e' stato respinto|e piena|e' piena|sconosciuto|inesistente
is geweigerd|werd geweigerd|is onbekend|onbekend adres|geretourneerd
brevladan ar full|postkassen er fuld|postkassen er full|modtageren er ukendt|mottakeren er ukjent|mottagaren ar okand
on taynna|tuntematon|avvisades|blev afvist|ble avvist|hylattiin
reddedildi|reddedilmistir|ulastirilama|gonderimi basarisiz|gonderim basarisiz|kapali|kota asimi|ulasmadi
zostala odrzucona|zostala zwrocona|odrzucon|jest pelna|byla odmitnuta|je plna|neznamy|bola odmietnuta|megtelt|ismeretlen
vissza lett|a fost respins|a fost returnat|este plina|necunoscut|je puno|je puna|nepoznat
отклонен|отвергнут|вернулось|возвращено|заблокирован|не найдено|відхилено|не знайдено|беше отхвърлен|непознат
απορριφθηκε|ειναι πληρες|αγνωστος|נדחתה|נדחה|تم رفض|غير معروف|تحويل داده نشد|تحویل داده نشد|یافت نشد|ارسال نشد
拒否されました|間違っています|届きません|返送|エラーのため|被拒绝|被拒絕|拒收|已满|已滿|错误|錯誤|없는 사용자|초과
khong thanh cong|hop thu da day|nebuvo pristatyt|nav piegadat|ei onnestunud|vartotojo nera|nav atrasts|no s'ha pogut
"""
)

# Sentences whose verb stands away from its "not", with the address or the reason between them.
_BETWEEN = r"[^!?]{0,120}?"
PARTED = re.compile(
    rf"\b(?:nicht|nie)\b{_BETWEEN}\b(?:zugestellt|ausgeliefert|ubermittelt|weitergeleitet|versandt|versendet|gesendet"
    r"|angenommen|zustellen|ausliefern|dostarczon\w|doreczon\w|dostarczyc|doreczyc)"
    rf"|\bniet\b{_BETWEEN}\b(?:bezorgd|afgeleverd|besteld|aangekomen|verzonden|bezorgen|afleveren)"
    rf"|(?:\bn'(?:a|ont|est)\b|\bn'a pu\b|\bpas\b|\bimpossible\b){_BETWEEN}\b(?:remis|delivre|achemine|distribue|transmis"
    r"|transmettre|acheminer|remettre|delivrer|distribuer|parvenu|livre|envoye|arrive)"
    rf"|\bno\b{_BETWEEN}\b(?:entregado|entregar|enviado|enviar|hacer llegar|llegado|recibido|lliurar|lliurat)"
    rf"|\bnao\b{_BETWEEN}\b(?:entregue|entregar|enviad[ao]|enviar|recebid[ao]|chegou)"
    rf"|\bnon\b{_BETWEEN}\b(?:consegnat[oa]|recapitat[oa]|inviat[oa]|inoltrat[oa]|consegnare|recapitare|arrivat[oa])"
    rf"|\b(?:inte|ikke|ej|ei)\b{_BETWEEN}\b(?:levere\w{{1,3}}|aflevere\w{{1,2}}|sendes|toimitet\w{{1,3}}|toimittaa|kuldada|toimetada)"
    rf"|\b(?:не|nu|ni|nije|nem|nebyl\w|nebol\w|nelze|nav|nebuvo)\b{_BETWEEN}(?:доставить|доставлен|доставлять|livrat|transmis|dostavlj|dostavit"
    r"|isporuc|kezbesit|doruc|piegad|pristaty)"
    r"|(?:配信|配送|配達|届け|転送|到達)[^。、!?]{0,10}(?:できません|できな|されません|されな|失敗|ません)"
    r"|(?:未能|无法|無法|不能|没有|沒有)[^。!?]{0,24}(?:送达|送達|投递|投遞|发送|發送|傳送|传送|遞送|递送|寄达|寄達|投送|传递|傳遞)"
    r"|(?:전송|배달|전달|발송|송신|배송)[^.!?]{0,12}(?:못|않|실패|불가|수 없)"
    rf"|khong{_BETWEEN}(?:gui|chuyen|thanh cong|phan phoi)|ไม่[^!?]{{0,40}}(?:ส่ง|จัดส่ง)"
    rf"|\b(?:could|can|was|were|has|have|did)(?:n't| not)\b{_BETWEEN}\b(?:delivered|go through)"
)

# Of these, those that others write too ("Your message to our team"): they count only under a mail system's name.
VAGUE = frozenset(
    word_table(
        """
your message to|message that you sent|message you sent|sending your message|returned to you|the following address
following recipient|following users|following addresses|does not exist|doesn't exist|no longer available|has been closed
is not active|is inactive|was delayed|has been delayed|is delayed|delivery delayed|still trying|will be retried|quota
did not reach|didn't reach|could not be reached|unable to find|existiert nicht|n'existe pas|no existe|nao existe|non esiste
bestaat niet|mevcut degil|не существует|не найден|nie istnieje|neexistuje|nem letezik|nu exista|finns inte|findes ikke
finnes ikke|ei ole olemassa|ne postoji|δεν υπαρχει|не съществува|אינו קיים|غير موجود|存在しません|不存在|收件人|수신자
존재하지 않|khong ton tai|uberschritten|unbekannt|est pleine|est inconnu|est inconnue|esta lleno|retornou|inexistente
esta cheia|sconosciuto|inesistente|is onbekend|tuntematon|kapali|je plna|neznamy|megtelt
ismeretlen|necunoscut|nepoznat|заблокирован|не найдено|не знайдено|непознат|αγνωστος|غير معروف|یافت نشد|エラーのため|已满|已滿
错误|錯誤|초과|was blocked|has been blocked|were blocked|not authorized to|not permitted to|bad address|no longer with
been discarded|was not accepted|not been accepted|pas reussi|返送|ไม่พบ|tidak ditemukan|gagal
nicht erreicht|pas atteint|no alcanzo|mislykkedes|sikertelen
error occurred while|account has been disabled|has been suspended|been deactivated|no longer in use|no longer valid
no longer active|no longer exists|no longer accept|is no longer monitored|address has changed|address not found
"""
    )
)

# Words about the reason, in the order of trust, and the subject and detail of the status that they stand for.
REASONS: tuple[tuple[str, str], ...] = tuple(
    (word, status)
    for status, block in (
        (
            "2.2",
            """
mailbox full|mailbox is full|mailbox was full|over quota|overquota|exceeded quota|quota exceeded|exceeds quota|quota
exceeds allowed size|exceeded the storage|out of storage|insufficient storage|exceeded storage|storage limit
full mailbox|is full|mailbox has exceeded|recipient's inbox is full|inbox is full|disk full|postfach ist voll
postfach voll|boite aux lettres est pleine|boite pleine|buzon lleno|caixa postal cheia|casella piena
casella di posta piena|postbus is vol|posta kutusu dolu|kota asildi|kotasi dolu|переполнен
メールボックスがいっぱい|容量を超え
mailbox is over|邮箱已满|信箱已滿|空间不足|용량 초과|przepelnion
""",
        ),
        (
            "1.1",
            """
user unknown|unknown user|no such user|no such local user|user is unknown|user not found|no such mailbox
mailbox not found|unknown recipient|recipient unknown|recipient not found|no such recipient|unknown local user
invalid recipient|recipient name is not recognized|unknown address|address not found|address does not exist
address doesn't exist|account that you tried to reach does not exist|user doesn't exist|user does not exist
not listed in|doesn't have a|no mailbox here|unrouteable address|mailbox unavailable|account is disabled
this user doesn't|no such person|user is unknown|mailbox does not exist|mailbox doesn't exist|unknown account
not a valid mailbox|no such address|invalid address|invalid mailbox|e-mail account does not exist|wasn't found at
no account by that name|does not have an account|addressee unknown|is not a valid user|not a known user
account not found|account does not exist|no valid recipients|not our customer|bad destination mailbox
couldn't be found|could not be found|no longer in use|no longer valid|no longer active|no longer exists
empfanger unbekannt|unbekannter empfanger|existiert nicht|destinataire inconnu|adresse inconnue|utilisateur inconnu
usuario desconocido|usuario desconhecido|utente sconosciuto|onbekende gebruiker|kullanici bulunamadi|kullanici yok
boyle bir kullanici|alici bulunamadi|adresi bulunamadi|пользователь не найден|нет такого пользователя|не существует
宛先不明|存在しません|宛先が見つかりません|不存在|user_not_found|not_found|unknown mailbox|user invalid|undefined mail
""",
        ),
        (
            "1.2",
            """
host unknown|unknown host|host or domain name not found|domain name not found|dns error|host not found
unrouteable mail domain|name service error|no such domain|domain does not exist|domain doesn't exist
remote domain doesnt exist|bad destination host|destination computer was not found|does not appear to be registered
couldn't find any host|unable to find host|no mx
""",
        ),
        (
            "3.4",
            """
message too large|message size exceeds|exceeds the maximum message size|message too big|size limit exceeded
""",
        ),
        (
            "4.6",
            """
maximum hop count|too many hops|mail loop|routing loop|mail forwarding loop|hop count exceeded
""",
        ),
        (
            "7.1",
            """
considered spam|spam message|blocked by|blacklist|blocklist|relaying denied|relay access denied|policy|policies
""",
        ),
        (
            "4.7",
            """
retry timeout exceeded|message expired|delivery time expired|in the queue too long|queue too long
could not be delivered for|has been failing for|timed out|timeout
""",
        ),
        (
            "4.1",
            """
connection refused|no answer from host|connection timed out|couldn't establish
""",
        ),
    )
    for word in word_table(block)
)
