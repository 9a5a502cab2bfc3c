"""The words of MTAs that say mail was not delivered: who says it, under which subject, in which sentences.

Takes nothing; gives tables, folded (`fold.squeeze`) so that they compare with folded text.
Promises: nothing here decides anything. A subject counts only at its beginning; a phrase anywhere in the first part of
a body, and only where a mail system speaks. Languages: those that mail systems are localised to.
"""

from __future__ import annotations

from mailgate.mail.fold import squeeze

# Local parts under which mail systems write (without digits and separators; see `bounce._is_daemon`).
DAEMONS = frozenset(
    "mailerdaemon mailerdeamon maildaemon maildelivery maildeliverysubsystem maildeliverysystem mdaemon daemon "
    "postmaster postmeister postoffice mailadmin mailadministrator mailsystem mailsystemadmin mailer mta mmdf uucp "
    "systemadministrator sysadm noreplymailerdaemon bounce bounces bouncehandler bounceadmin returnedmail mailrobot "
    "smtpdaemon mailrelay emailnotification mailerdemon undeliverable undelivered deliveryfailure deliverydaemon "
    "maildeliveryfailure mailreturn ndr dsn mailerror failurenotice exchange microsoftexchange mailgateway "
    "smtpgateway internetmaildelivery mailguard mailmarshal postmasterdaemon qmaildaemon orgunknown administrator "
    "interscan imss iwss spamfilter nonreturn mailnull".split()
)
# Display names of the same.
DAEMON_NAMES = frozenset(
    squeeze(name)
    for name in (
        "Mail Delivery Subsystem|Mail Delivery System|Mail Delivery Service|Mail Delivery Agent|Internet Mail Delivery"
        "|Mail Administrator|System Administrator|Mailer Daemon|Mailer-Daemon|MAILER-DAEMON|Postmaster|Mail System"
        "|Delivery Subsystem|Mail Router|Electronic Messaging System|Mail Delivery Status|Systemadministrator"
        "|Administrateur système|Administrador del sistema|Amministratore di sistema|Systeembeheerder|Sistem Yöneticisi"
        "|Undeliverable Mail|Mail Undeliverable|メール配送システム|Microsoft Exchange|Mail Delivery System (Zimbra)"
        "|Mail Server|E-mail Server|Returned Mail|Bounced mail|Bounce Handler|邮件系统|系统管理员"
    ).split("|")
)

# Subjects of bounces: at the beginning, after security tags.
_SUBJECTS = """
undelivered mail returned|undelivered mail|undelivered message|undelivered:|undeliverable:|undeliverable mail
undeliverable message|undeliverable email|undeliverable e-mail|undeliverable -|undeliverable;|undeliverable report
undeliverable|undelivereable|mail undeliverable|message undeliverable|e-mail undeliverable|email undeliverable
mail delivery failed|mail delivery failure|mail delivery error|mail delivery problem|mail delivery system
mail delivery status|mail delivery deferred|mail delivery was delayed|mail delivery warning|mail delivery subsystem
mail delivery report|mail delivery has failed|mail delivery delayed|mail could not be delivered
mail mail error|mail failure|mail failed|mail returned|mail returning|mail not delivered|mail bounced
mail transaction failed|mail status report|mail to |mail rejected|mailbox full|mailbox unavailable|mailbox is full
delivery status notification|delivery notification|delivery failure|delivery failed|delivery failue
delivery error|delivery problem|delivery report|delivery delayed|delivery has been delayed|delivery incomplete
delivery unsuccessful|delivery to |delivery has failed|delivery attempt|delivery aborted|delivery of mail
delayed mail|delayed delivery|delayed:|delayed message|message delayed|deferred mail|deferred:|deferred delivery
failure notice|failure notification|failure delivery|failure to deliver|failed delivery|failed mail
failed to deliver|fail to deliver
returned mail|returned email|returned e-mail|returned message|returned to sender|returned:|returned due to
return mail|returning message|returning mail|returning your mail|return to sender
message status|message could not be delivered|message delivery|message not delivered|message from mail system
message error|message you sent|message rejected|message notification|message delivery failure|message failed
message was not delivered|message returned|message bounced
warning: message|warning: could not send|warning: mail|warning: e-mail|warning - delivery|warning: delayed|warning: undelivered|there was an error sending
warning - mail|warning, message|warning: delivery
could not send message|could not deliver|couldn't deliver|unable to deliver|unable to send|cannot deliver|can't deliver
cannot send|non-delivery|nondelivery|non delivery|non delivered|non-delivered|non deliverable|ndn:|ndr:|[ndr]
not delivered|not deliverable|problem delivering|problems delivering|problem with delivery|error delivering
error sending|error in delivery|permanent delivery failure|permanent failure|permanent error|transient failure
temporary delivery failure|transmission failed|smtp delivery failure|smtp error|nondeliverable mail
rejected mail|rejected message|rejected posting|bounce:|bounced mail|bounced email|bounced message|bounce message
bounce notification|notification of delivery|notification d'etat|notification: message|notification d etat
user unknown|user not found|unknown user|unknown address|unknown recipient|no such user|invalid address
invalid recipient|recipient unknown|recipient not found|address not found|e-mail address change
your message could not|your message was not|your message couldn't|your message wasn't|your message to
your message has not|your mail could not|your mail to|your email could not|your email to|your e-mail to
your email was not|your undelivered|your message is delayed|problem with your message|re: your mail to
postmaster notify|postmaster notification|postmaster copy|banned or not delivered|e-mail delivery|email delivery
considered unsolicited|message blocked|message delivery has|message recall failure|mdaemon|sorry, your mail
[postmaster]|** message you sent|status de l'envoi|nicht zugestellt|mail delivery notification
attention! mail|report domain unreachable|auto-reply: user|notice of delivery failure|server returned
[mail delivery|sorry, we were unable|sorry, we couldn't|can't send|non-existent address|delivery time exceeded
nachricht nicht|nicht zustellbar|unzustellbar|unzustellbare|unzustellbarkeit|zustellung fehlgeschlagen
zustellfehler|zustellung nicht|zustellung verzogert|zustellung der|zustellungsfehler|zustellungsstatus
benachrichtigung zum ubermittlungsstatus|benachrichtigung uber den zustellstatus|benachrichtigung uber zustellung
rucksendung|ihre nachricht konnte|ihre e-mail konnte|mail konnte nicht|e-mail nicht zugestellt|fehler beim senden
nachricht konnte nicht|ubermittlungsfehler|unzustellbare nachricht|verzogerte|unzustellbare e-mail
non remis|non distribuable|non delivre|message non|echec de|echec remise|notification d'echec
avis de non|remise impossible|remise retardee|rapport de non|retour de mail|mail non|courrier non|erreur de
etat de la remise|impossible de remettre|impossible de distribuer|votre message n'a|retard de|message retarde
avis d'echec|undelivered mail : 
no se puede entregar|no se pudo entregar|no entregado|no entregable|no se ha podido|mensaje no|correo no
correo devuelto|notificacion de estado|notificacion de entrega|error de entrega|error en la entrega|fallo en
fallo de|entrega fallida|entrega retrasada|aviso de no|devolucion|mensaje devuelto|retrasado:|imposible entregar
imposible de entregar|no se ha entregado|su mensaje no
nao foi possivel|nao entregue|nao entregavel|nao e possivel|falha na|falha de|mensagem nao|mensagem devolvida
notificacao de|erro na|erro de entrega|e-mail nao|email nao|retorno de|impossivel entregar|mail nao entregue
nao e possivel entregar|entrega atrasada|notificacao do estado
non recapitabile|non recapitato|non consegnato|non consegnabile|impossibile recapitare|impossibile consegnare
mancata consegna|mancato recapito|messaggio non|notifica di mancato|notifica sullo stato|notifica di stato
errore di|errore nel|errore nella|recapito ritardato|avviso di mancata|consegna fallita|anomalia messaggio
rapporto di mancato|mail non consegnata
niet bezorgbaar|niet afgeleverd|niet bezorgd|onbestelbaar|onbezorgbaar|kan niet worden bezorgd|kan niet bezorgd
bezorging mislukt|aflevering mislukt|uw bericht kon|bericht niet|mail niet|leveringsfout|bezorgstatus
vertraagde|statusmelding
iletilemedi|iletilemeyen|iletilemiyor|teslim edilemedi|teslim edilemeyen|teslim edilemez|teslim edilemiyor
gonderilemedi|gonderilemeyen|ulastirilamadi|teslimat basarisiz|teslimat durumu|teslim durumu|teslimat hatasi
iletim hatasi|mesajiniz iletilemedi|mesaj iletilemedi|e-posta iletilemedi|e-posta teslim|e-postaniz|iletiniz
ileti teslim|ileti iletilemedi|geri donen|gecikti|geciken|gecikmeli|teslim bildirimi|posta iletilemedi
iletildi raporu hatasi|mesajiniz teslim|posta teslim|teslimat bildirimi|iletilmedi|teslim edilmedi
не удается доставить|не удалось доставить|не доставлено|недоставлен|недоставка|не может быть доставлен
сообщение не доставлено|письмо не доставлено|возврат|возвращенное|ошибка доставки|ошибка при доставке
уведомление о доставке|уведомление о состоянии|уведомление о недоставке|доставка отложена|доставка задержана
сбой доставки|отчет о недоставке|почта не доставлена|недоставленное|не вдалося доставити|не доставлене
неможливо доставити|помилка доставки|сповіщення про стан|повідомлення не доставлено|недоставим
nie mozna dostarczyc|niedostarczalne|niedostarczona|nie dostarczono|niedostarczone|blad dostarczenia|blad dostarcz
nie dorecz|niedoreczon|zwrot wiadomosci|powiadomienie o stanie|powiadomienie o niedostarczeniu|nieudane dostarczenie
opoznion|wiadomosc nie|zwrot poczty|informacja o niedorecz
nedorucitelne|nedoruceno|nedorucena|nelze dorucit|nepodarilo se dorucit|oznameni o stavu|chyba dorucen|zpozdene
nedorucitelna|nemozno dorucit|nedorucene|oznamenie o stave
kezbesithetetlen|nem kezbesitheto|sikertelen kezbesites|kezbesitesi|kezbesitesi hiba|nem sikerult|visszakuldott
nelivrabil|nu a putut fi livrat|imposibil de livrat|mesaj nelivrat|nereusita livrarii|notificare privind
esecul livrarii|nu poate fi livrat|eroare de livrare
kan inte levereras|det gick inte att leverera|olevererbar|oleverbar|olevererat|leveransfel|ej levererat|leveransstatus
misslyckad|kunde inte levereras|meddelandet kunde inte
kan ikke leveres|ikke leveret|ikke levert|uleverbar|uleveringsbar|kunne ikke leveres|levering mislykkedes
leveringsfejl|leveringsfeil|leveringsstatus|kan ikke levere|fejl ved levering|kunne ikke levere
ei voitu toimittaa|toimitus epaonnistui|toimittamaton|perille toimittamaton|ei toimitettu|viestia ei voitu
toimittaminen epaonnistui|toimitusilmoitus|toimitusvirhe
nije isporuceno|neisporucivo|neisporuceno|isporuka nije|poruka nije|neuspela isporuka|ni mogoce dostaviti
nedostavljivo|nedostavljeno|ni dostavljeno|neuspesna dostava|obavijest o
αδυνατη η παραδοση|δεν ηταν δυνατη|αποτυχια παραδοσης|δεν παραδοθηκε|μη παραδοτεο|ανεπιδοτο|αδυναμια παραδοσης
недоставимо|не може да бъде доставено|неуспешна доставка|недоставено
kohaletoimetamatu|ei saa edastada|kohaletoimetamine nurjus|neizdevas piegadat|nav piegadats|nepristatyta
nepavyko pristatyti|neimanoma pristatyti|nepiegadats|neiespejami piegadat
לא ניתן למסירה|לא נמסר|המסירה נכשלה|כשל במסירת|הודעה שלא ניתן
تعذر التسليم|غير قابل للتسليم|فشل التسليم|تعذر تسليم|لم يتم تسليم|اشعار فشل|رسالة غير
配信不能|配信不可|配信できませんでした|配信失敗|配信エラー|配達不能|配達できません|配送失敗|不達|送信失敗|送信エラー
メール配信|メール送信エラー|メールの配信|メールの配送|エラーメール|メールを配信できません|未配信|宛先不明
メールシステムエラー|メールが配信|配信に失敗|送信できませんでした|メールサーバからのお知らせ|配信状態通知|配信状況通知
退信|系统退信|系統退信|退件|邮件被退回|郵件被退回|无法投递|無法投遞|投递失败|投遞失敗|未送达|未送達|未传递|未傳遞
传递失败|傳遞失敗|邮件发送失败|郵件傳送失敗|无法送达|無法傳遞|邮件投递失败|邮件退回|郵件無法|邮件无法
无法传递|发送失败|您的邮件|您的郵件|抱歉,您的邮件|送信
배달되지 않음|배달 실패|배달할 수 없|반송|메일 전송 실패|메일 배달|전송 실패|발송 실패|배달 안 됨|메일 반송
khong gui duoc|khong the gui|khong the chuyen|thu bi tra lai|khong gui duoc:
ไม่สามารถส่ง|ไม่สามารถจัดส่ง|ส่งไม่สำเร็จ|ไม่สามารถนำส่ง
tidak terkirim|tidak dapat dikirim|gagal mengirim|pengiriman gagal|pesan tidak
"""

# Sentences of mail systems about mail that did not arrive: in the first part of the body.
_PHRASES = """
could not be delivered|couldn't be delivered|cannot be delivered|can not be delivered|can't be delivered
could not deliver|couldn't deliver|cannot deliver|can not deliver|unable to deliver|unable to be delivered
was not delivered|wasn't delivered|were not delivered|not been delivered|has not been delivered|not delivered to
is undeliverable|was undeliverable|message undeliverable|undeliverable mail|undeliverable message|undeliverable to
undeliverable address|undelivered mail|delivery has failed|delivery failed|delivery to the following
delivery failure|delivery error|delivery status notification|delivery problems|delivery errors|failed to deliver
failed recipient|failed addresses|failed address|failed permanently|failed delivery|delivery attempt
wasn't able to deliver|was not able to deliver|were unable to deliver|i was unable to deliver|we were unable
we weren't able|were not able to deliver|had permanent fatal errors|permanent fatal|transient non-fatal errors
permanent error|did not reach|didn't reach|not reach the following|could not be reached|could not be sent|was not sent
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
over quota|exceeded quota|quota exceeded|exceeds quota|exceeds allowed size|exceeded the storage|out of storage
insufficient storage|storage limit|address rejected|invalid recipient|invalid address|address not found
address does not exist|address doesn't exist|does not exist|doesn't exist|account is disabled|account has been disabled
account that you tried to reach|not listed in|no valid recipients|address is not valid|host unknown|unknown host
host or domain name not found|domain name not found|dns error|unrouteable address|unrouteable mail domain
no longer in use|no longer valid|no longer active|no longer exists|no longer available|is not active|is inactive
no longer accept|is no longer monitored|has been closed|been deactivated|has been suspended|address has changed
message blocked|considered spam|spam message|returned mail|returned email|this is a bounce|non-delivery
recipient's mailbox|recipient mailbox|maximum hop count|too many hops|mail loop|exceeds the maximum message size
message too large|message size exceeds|rejected your mail|can't open mailbox|relaying denied|relay access denied
the following address|following recipient|following users|following addresses|deliver your message|deliver message to
deliver this message|sending your message|your message to|message that you sent|message you sent
konnte nicht zugestellt|nicht zugestellt werden|nicht zugestellt|konnten nicht zugestellt|unzustellbar|nicht zustellbar
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
non e stato possibile|impossibile recapitare|non e stato recapitato|mancato recapito|casella piena|utente sconosciuto
non e stato consegnato|impossibile consegnare|recapito non riuscito|non esiste|casella di posta piena|non ha raggiunto
kon niet worden bezorgd|niet worden afgeleverd|niet worden bezorgd|niet bezorgd|bestaat niet|postbus is vol
is mislukt|niet bereikt|kan niet worden afgeleverd|onbekende gebruiker
teslim edilemedi|teslim edilemiyor|teslim edilememistir|iletilemedi|iletilemiyor|iletilememistir|ulastirilamadi
gonderilemedi|gonderilememistir|ulasamadi|posta kutusu dolu|posta kutusu doludur|kota asildi|kotasi dolu|kullanici bulunamadi
kullanici yok|boyle bir kullanici|alici bulunamadi|adresi bulunamadi|adres bulunamadi|teslim basarisiz|teslimat basarisiz
teslim edilmesi basarisiz|teslimi basarisiz|mevcut degil|alicilara ulasmadi|alicisi bulunamadi|gecici olarak ertelendi
не удалось доставить|не может быть доставлено|не было доставлено|не доставлено|не удается доставить|ящик переполнен
не существует|пользователь не найден|не найден|невозможно доставить|доставка не удалась|не доставлена|не могло быть
ошибка доставки|нет такого пользователя|переполнен|недоставлен|не вдалося доставити|не може бути доставлен
nie mogla zostac dostarczona|nie dostarczono|nie zostala dostarczona|nie mozna dostarczyc|nie istnieje|przepelnion
nie powiodlo sie dostarczenie|nieznany uzytkownik|nie udalo sie dostarczyc|nie zostala doreczona
nebyla dorucena|nemohla byt dorucena|nelze dorucit|se nepodarilo dorucit|dorucit se nepodarilo|neexistuje|nebylo mozne
nebola dorucena|nepodarilo sa dorucit|nemozno dorucit
nem sikerult kezbesiteni|nem kezbesitheto|kezbesites sikertelen|nem letezik|nem lehetett kezbesiteni|sikertelen
nu a putut fi livrat|nu a fost livrat|livrarea a esuat|nu exista|nu s-a putut livra
kunde inte levereras|gick inte att leverera|kan inte levereras|leveransen misslyckades|finns inte|nadde inte
kunne ikke leveres|blev ikke leveret|kan ikke leveres|leveringen mislykkedes|findes ikke|ble ikke levert|finnes ikke
ei voitu toimittaa|toimittaminen epaonnistui|toimitus epaonnistui|ei ole olemassa|ei tavoittanut
nije isporucena|nije mogla biti|ne postoji|ni bilo mogoce dostaviti|nije moguce isporuciti
δεν ηταν δυνατη η παραδοση|αποτυχια παραδοσης|δεν παραδοθηκε|δεν υπαρχει|η παραδοση απετυχε
не можа да бъде|не е доставено|не беше доставено|не съществува
לא ניתן היה למסור|לא נמסרה|המסירה נכשלה|אינו קיים|לא הגיעה
تعذر تسليم|لم يتم تسليم|فشل تسليم|غير موجود|تعذر التسليم
配信できません|配信されません|配信に失敗|配送できません|配送されません|届きません|届けることができません|送信できません
お届けできません|送信に失敗|宛先不明|宛先が見つかりません|存在しません|メールボックスがいっぱい|容量を超え|配達できません
エラーになりました|宛先のメールアドレス|届けられません|配信不能|配信できなかった|受信できません|受信拒否
退回|无法投递|無法投遞|投递失败|投遞失敗|未能送达|無法送達|无法送达|发送失败|不存在|邮箱已满|信箱已滿|退信|空间不足
无法发送|无法传递|傳遞失敗|传递失败|无法到达|收件人
배달되지|배달할 수 없|전송하지 못|전송에 실패|발송되지|존재하지 않|반송|용량 초과|수신자
khong the gui|khong gui duoc|khong ton tai|khong the chuyen
ไม่สามารถส่ง|ไม่พบ|ไม่สามารถจัดส่ง
tidak dapat dikirim|tidak terkirim|tidak ditemukan|gagal
"""

# Sentences that say the mail system has not given up yet.
_DELAYS = """
will keep trying|keep trying|no action is required|no action required|you do not need to|you don't need to
still trying|not yet been delivered|has not yet been|delayed mail|has been delayed|is delayed|was delayed
delivery is delayed|delivery delayed|have not been delivered yet|will be retried|will continue to|delivery attempts will
this is a warning message only|warning message only|a warning message only|transient non-fatal errors
temporarily undeliverable|could not be delivered yet|will try again|will retry|retries will|we'll try again
continue to try|continue trying|could not be delivered immediately|delivery deferred|queued for|attempts will continue
message delayed|(delay)|not been delivered within|still being attempted|will be attempted
wird weiter versucht|wurde verzogert|ist verzogert|weitere zustellversuche|noch nicht zugestellt|verzogert sich
a ete retarde|retardee|est retardee|nouvelles tentatives|se ha retrasado|se seguira intentando|seguira intentando
foi adiada|continuara tentando|esta atrasada|e stato ritardato|continuera a|vertraagd|nog niet bezorgd
gecikti|gecikmistir|ertelendi|denemeye devam|tekrar denenecek|yeniden denenecek|henuz teslim edil
задерж|отложена|попытки доставки будут|еще не доставлено|opoznion|zpozden|fordrojt|forsinket|viivas
遅延|再送|再試行|延迟|延遲|将继续尝试|会继续尝试
"""
# Sentences that say it has, whatever else stands there.
_FINAL = """
given up|giving up|permanent error|permanent fatal|failed permanently|permanent failure|could not be delivered for
has been failing for|message expired|too long|no further attempts|not be retried|will not be tried|will not be retried
removed from the queue|removed from the mail queue|delivery time expired|retry timeout exceeded|retry time not reached for any host
undelivered mail returned|mail delivery failed|final attempt
"""

# Words about the reason, in the order of trust, and the status they stand for (RFC 3463).
REASONS: tuple[tuple[str, str], ...] = tuple(
    (squeeze(word), status)
    for status, words in (
        (
            "2.2",
            "mailbox full|mailbox is full|mailbox was full|over quota|overquota|exceeded quota|quota exceeded|exceeds quota"
            "|quota|exceeds allowed size|exceeded the storage|out of storage|insufficient storage|exceeded storage"
            "|storage limit|full mailbox|is full|mailbox has exceeded|recipient's inbox is full|inbox is full|disk full"
            "|postfach ist voll|postfach voll|boite aux lettres est pleine|boite pleine|buzon lleno|caixa postal cheia"
            "|casella piena|casella di posta piena|postbus is vol|posta kutusu dolu|kota asildi|kotasi dolu|переполнен"
            "|メールボックスがいっぱい|容量を超え|mailbox is over|邮箱已满|信箱已滿|空间不足|용량 초과|przepelnion",
        ),
        (
            "1.1",
            "user unknown|unknown user|no such user|no such local user|user is unknown|user not found|no such mailbox|mailbox not found|unknown recipient"
            "|recipient unknown|recipient not found|no such recipient|unknown local user|invalid recipient"
            "|recipient name is not recognized|unknown address|address not found|address does not exist"
            "|address doesn't exist|account that you tried to reach does not exist|user doesn't exist|user does not exist"
            "|not listed in|doesn't have a|no mailbox here|unrouteable address|mailbox unavailable|account is disabled"
            "|this user doesn't|no such person|user is unknown|mailbox does not exist|mailbox doesn't exist|unknown account"
            "|not a valid mailbox|no such address|invalid address|invalid mailbox|e-mail account does not exist"
            "|wasn't found at|no account by that name|does not have an account|addressee unknown|is not a valid user"
            "|not a known user|account not found|account does not exist|no valid recipients|not our customer"
            "|bad destination mailbox|couldn't be found|could not be found|no longer in use|no longer valid|no longer active"
            "|no longer exists|empfanger unbekannt|unbekannter empfanger|existiert nicht|destinataire inconnu"
            "|adresse inconnue|utilisateur inconnu|usuario desconocido|usuario desconhecido|utente sconosciuto"
            "|onbekende gebruiker|kullanici bulunamadi|kullanici yok|boyle bir kullanici|alici bulunamadi|adresi bulunamadi"
            "|пользователь не найден|нет такого пользователя|не существует|宛先不明|存在しません|宛先が見つかりません|不存在"
            "|user_not_found|not_found|unknown mailbox|user invalid|undefined mail",
        ),
        (
            "1.2",
            "host unknown|unknown host|host or domain name not found|domain name not found|dns error|host not found"
            "|unrouteable mail domain|name service error|no such domain|domain does not exist|domain doesn't exist"
            "|remote domain doesnt exist|bad destination host|destination computer was not found|does not appear to be registered|couldn't find any host|unable to find host|no mx",
        ),
        (
            "3.4",
            "message too large|message size exceeds|exceeds the maximum message size|message too big|size limit exceeded",
        ),
        ("4.6", "maximum hop count|too many hops|mail loop|routing loop|mail forwarding loop|hop count exceeded"),
        (
            "7.1",
            "considered spam|spam message|blocked by|blacklist|blocklist|relaying denied|relay access denied|policy|policies",
        ),
        (
            "4.7",
            "retry timeout exceeded|message expired|delivery time expired|in the queue too long|queue too long"
            "|could not be delivered for|has been failing for|timed out|timeout",
        ),
        ("4.1", "connection refused|no answer from host|connection timed out|couldn't establish"),
    )
    for word in words.split("|")
)


def _table(block: str) -> tuple[str, ...]:
    words = dict.fromkeys(squeeze(word) for line in block.splitlines() for word in line.split("|"))
    return tuple(word for word in words if len(word) > 1)


SUBJECTS = _table(_SUBJECTS)
PHRASES = _table(_PHRASES)
DELAYS = _table(_DELAYS)
FINAL = _table(_FINAL)
# Subjects that only mail systems write: enough, with the rest, where the sender's name says nothing.
STRONG_SUBJECTS = tuple(
    squeeze(subject)
    for subject in (
        "undelivered mail returned|undeliverable:|undeliverable mail|undeliverable message|mail delivery failed"
        "|mail delivery failure|mail delivery system|mail delivery subsystem|mail delivery status notification"
        "|failure notice|returned mail:|returned mail|delivery failure|delivery notification: delivery has failed"
        "|message could not be delivered|warning: could not send message|warning: message|non-delivery notification"
        "|message delivery failure|permanent delivery failure|nicht zustellbar:|unzustellbar:|zustellung fehlgeschlagen"
        "|non remis :|non remis:|non remis|non recapitabile:|no se puede entregar:|no entregable:|niet bezorgbaar:"
        "|onbestelbaar:|iletilemedi:|teslim edilemedi:|не удается доставить:|не доставлено:|недоставка"
        "|nao entregavel:|nie mozna dostarczyc:|nedorucitelne:|kezbesithetetlen:|olevererbart:|kan ikke leveres:"
        "|系统退信|退信|配信不能|配信不能:|未送达:|未传递:|무전달|배달되지 않음:"
    ).split("|")
)
