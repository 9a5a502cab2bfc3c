"""Who bounces mail, under which subjects, and the words for not yet.

Takes nothing; gives tables, folded (`fold.squeeze`) so that they compare with folded text.
Promises: nothing here decides anything. A subject counts only at its beginning. Languages: those that mail systems are
localised to. The sentences of bounces are in `bounce_phrases`.
"""

from __future__ import annotations

from mailgate.mail.fold import word_table

# Local parts under which mail systems write, without digits and separators.
DAEMONS = frozenset(
    word_table(
        """
mailerdaemon|mailerdeamon|maildaemon|router|smtp|mx|smtpmta|notesserversmtpmta
maildelivery|maildeliverysubsystem|maildeliverysystem|mdaemon|daemon|postmaster
postmeister|postoffice|mailadmin|mailadministrator|mailsystem|mailsystemadmin|mailer|mta|mmdf|uucp
systemadministrator|sysadm|noreplymailerdaemon|bouncehandler|bounceadmin|returnedmail|mailrobot
smtpdaemon|mailrelay|emailnotification|mailerdemon|undeliverable|undelivered|deliveryfailure|deliverydaemon
maildeliveryfailure|mailreturn|ndr|dsn|mailerror|failurenotice|microsoftexchange|mailgateway|smtpgateway
internetmaildelivery|mailguard|mailmarshal|postmasterdaemon|qmaildaemon|orgunknown|interscan|imss|iwss
spamfilter|nonreturn|mailnull
"""
    )
)

# Display names of the same.
DAEMON_NAMES = frozenset(
    word_table(
        """
Mail Delivery Subsystem|Mail Delivery System|Mail Delivery Service|Mail Delivery Agent|Internet Mail Delivery
Mail Administrator|System Administrator|Mailer Daemon|Mailer-Daemon|MAILER-DAEMON|Postmaster|Mail System
Delivery Subsystem|Mail Router|Electronic Messaging System|Mail Delivery Status|Systemadministrator
Administrateur système|Administrador del sistema|Amministratore di sistema|Systeembeheerder|Sistem Yöneticisi
Undeliverable Mail|Mail Undeliverable|メール配送システム|Microsoft Exchange|Mail Delivery System (Zimbra)|Mail Server
E-mail Server|Returned Mail|Bounced mail|Bounce Handler|邮件系统|系统管理员
"""
    )
)

# Subjects of bounces: at the beginning, after security tags.
SUBJECTS = word_table(
    """
undelivered mail returned|undelivered mail|undelivered message|undelivered:|undeliverable:|undeliverable mail
undeliverable message|undeliverable email|undeliverable e-mail|undeliverable -|undeliverable;|undeliverable report
undeliverable|undelivereable|mail undeliverable|message undeliverable|e-mail undeliverable|email undeliverable
mail delivery failed|mail delivery failure|mail delivery error|mail delivery problem|mail delivery system
mail delivery status|mail delivery deferred|mail delivery was delayed|mail delivery warning|mail delivery subsystem
mail delivery report|mail delivery has failed|mail delivery delayed|mail could not be delivered
mail system error|mail error|mail failure|mail failed|mail returned|mail returning|mail not delivered|mail bounced
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
message undelivered
message was not delivered|message returned|message bounced
warning: message|warning: could not send|warning: mail|warning: e-mail|warning - delivery|warning: delayed
warning: undelivered|there was an error sending
warning - mail|warning, message|warning: delivery
could not send message|could not deliver|couldn't deliver|unable to deliver|unable to send|cannot deliver
can't deliver
cannot send|non-delivery|nondelivery|non delivery|non delivered|non-delivered|non deliverable|ndn:|ndr:|[ndr]
not delivered|not deliverable|problem delivering|problems delivering|problem with delivery|error delivering
error sending|error in delivery|permanent delivery failure|permanent failure|permanent error|transient failure
temporary delivery failure|transmission failed|smtp delivery failure|smtp error|nondeliverable mail
rejected mail|rejected message|rejected posting|rejected:
automatically rejected|notice: mail delivery|notice: delivery|bounce:|bounced mail|bounced email|bounced message|bounce message
bounce notification|notification of delivery|notification d'etat|notification: message|notification d etat
user unknown|user not found|unknown user|unknown address|unknown recipient|no such user|invalid address
invalid recipient|recipient unknown|recipient not found|address not found|e-mail address change
your message could not|your message was not|your message couldn't|your message wasn't|your message to
your message has not|your mail could not|your mail to|your email could not|your email to|your e-mail to
your email was not|your undelivered|your message is delayed|problem with your message|re: your mail to
postmaster notify|postmaster notification|postmaster copy|banned or not delivered|e-mail delivery|email delivery
considered unsolicited|banned contents|virus (|message has been blocked|message blocked
message delivery has|message recall failure|mdaemon|sorry, your mail
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
kan inte levereras|det gick inte att leverera|olevererbar|oleverbar|olevererat|leveransfel|ej levererat
leveransstatus
misslyckad|kunde inte levereras|meddelandet kunde inte
kan ikke leveres|ikke leveret|ikke levert|uleverbar|uleveringsbar|kunne ikke leveres|levering mislykkedes
leveringsfejl|leveringsfeil|leveringsstatus|kan ikke levere|fejl ved levering|kunne ikke levere
ei voitu toimittaa|toimitus epaonnistui|toimittamaton|perille toimittamaton|ei toimitettu|viestia ei voitu
toimittaminen epaonnistui|toimitusilmoitus|toimitusvirhe
nije isporuceno|neisporucivo|neisporuceno|isporuka nije|poruka nije|neuspela isporuka|ni mogoce dostaviti
nedostavljivo|nedostavljeno|ni dostavljeno|neuspesna dostava|obavijest o
nije dostavljen|poruka nije|neisporucen|neuspjela isporuka
αδυνατη η παραδοση|δεν ηταν δυνατη|αποτυχια παραδοσης|δεν παραδοθηκε|μη παραδοτεο|ανεπιδοτο|αδυναμια παραδοσης
недоставимо|не може да бъде доставено|неуспешна доставка|недоставено
kohaletoimetamatu|ei saa edastada|kohaletoimetamine nurjus|neizdevas piegadat|nav piegadats|nepristatyta
nepavyko pristatyti|neimanoma pristatyti|nepiegadats|neiespejami piegadat
לא ניתן למסירה|לא ניתן למסור|לא נמסר|המסירה נכשלה|כשל במסירת|הודעה שלא ניתן
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
tidak terkirim|tidak dapat dikirim|gagal mengirim|pengiriman gagal|pesan tidak|pengiriman email gagal
no s'ha pogut lliurar|missatge no lliurat|gui thu khong thanh cong|thu khong gui duoc|kirja ei saanud|kirja edastamine
laiskas nepristatytas|laisko pristat|vestule nav|การส่งอีเมลล้มเหลว|การส่งล้มเหลว|خطا در تحويل|خطا در تحویل|عدم تحویل
envoi impossible|envoi refuse|retour a l'expediteur|votre courriel|votre mail n'a|courriel non|courrier refuse
message refuse|message rejete|correo rechazado|mensaje rechazado|messaggio respinto|messaggio rifiutato
consegna ritardata|mensagem rejeitada|mensagem recusada|devolucao de|email devolvido|e-mail devolvido
bericht geweigerd|ihre e-mail wurde abgelehnt|ihre e-mail wurde nicht|ihre nachricht wurde nicht|e-mail abgelehnt
nachricht abgelehnt|e-mail abgewiesen|nachricht abgewiesen|postfach voll|fehler beim versand|mail abgelehnt
meddelandet avvisades|levering mislyktes|meldingen kunne|beskeden kunne|basarisiz gonderim|posta kutusu dolu
mesajiniz reddedildi|iletiniz reddedildi|e-posta reddedildi|задержка доставки|письмо отклонено
сообщение отклонено|лист не доставлено|лист повернуто|wiadomosc odrzucona|zprava odmitnuta|zprava nebyla|sprava nebola
uzenet nem|mesaj respins|μη παραδοση|μηνυμα δεν
"""
)

# Those that only mail systems write: enough, with the rest, where the sender's name says nothing.
STRONG_SUBJECTS = word_table(
    """
your message could not be delivered|your message couldn't be delivered|delivery delayed:|geciken:|teslim edilemeyen:
undelivered mail returned|undeliverable:|undeliverable mail|undeliverable message|mail delivery failed
mail delivery failure|mail delivery system|mail delivery subsystem|mail delivery status notification|failure notice
returned mail:|returned mail|delivery failure|delivery notification: delivery has failed
message could not be delivered|warning: could not send message|warning: message|non-delivery notification
automatically rejected mail|notice: mail delivery status|rejected posting to
message delivery failure|permanent delivery failure|nicht zustellbar:|unzustellbar:|zustellung fehlgeschlagen
non remis :|non remis:|non remis|non recapitabile:|no se puede entregar:|no entregable:|niet bezorgbaar:
onbestelbaar:|iletilemedi:|teslim edilemedi:|не удается доставить:|не доставлено:|недоставка|nao entregavel:
nie mozna dostarczyc:|nedorucitelne:|kezbesithetetlen:|olevererbart:|kan ikke leveres:|系统退信|退信|配信不能
配信不能:|未送达:|未传递:
무전달|배달되지 않음:
"""
)

# Sentences that say the mail system has not given up yet.
DELAYS = word_table(
    """
will keep trying|keep trying|no action is required|no action required|you do not need to|you don't need to
still trying|not yet been delivered|has not yet been|delayed mail|has been delayed|is delayed|was delayed
delivery is delayed|delivery delayed|have not been delivered yet|will be retried|will continue to
delivery attempts will
this is a warning message only|warning message only|a warning message only|transient non-fatal errors
temporarily undeliverable|could not be delivered yet|will try again|will retry|retries will|we'll try again
continue to try|continue trying|could not be delivered immediately|delivery deferred|queued for
attempts will continue
message delayed|(delay)|not been delivered within|still being attempted|will be attempted
wird weiter versucht|wurde verzogert|ist verzogert|weitere zustellversuche|noch nicht zugestellt|verzogert sich
a ete retarde|retardee|est retardee|nouvelles tentatives|se ha retrasado|se seguira intentando|seguira intentando
foi adiada|continuara tentando|esta atrasada|e stato ritardato|continuera a|vertraagd|nog niet bezorgd
gecikti|gecikmistir|ertelendi|denemeye devam|tekrar denenecek|yeniden denenecek|henuz teslim edil
задерж|отложена|попытки доставки будут|еще не доставлено|opoznion|zpozden|fordrojt|forsinket|viivas
遅延|再送します|再送信します|再送を|再送信を|再試行|引き続き配|まだ配|延迟|延遲|将继续尝试|会继续尝试|尚未送达|尚未送達
ainda nao foi entregue|continuaremos a tentar|continuaremos tentando|ancora stato consegnato|ancora consegnato
non e ancora stato|continuera a tentare|aun no ha sido entregado|todavia no ha sido|seguiremos intentando
n'a pas encore ete|n'a pas encore pu|noch nicht zugestellt werden|noch nicht ausgeliefert|versuchen es weiterhin
versuchen weiterhin|blijven proberen|fortsatter forsoka|fortsaetter|fortsetter a prove|yritetaan uudelleen
bedzie ponawia|bude se opakovat|nadal bude|dalsi pokus|tovabbra is probal|va continua sa incerce|пока не удалось
попытки будут|ще не доставлено|спроби доставки|no need to resend|has been waiting for|is still in the queue
아직 전달되지|아직 전송되지|재시도|다시 시도
"""
)

# Of these, those that a final report may say too: a permanent reply code outweighs them.
MILD = frozenset(
    word_table(
        "no action is required|no action required|you do not need to|you don't need to|has been delayed|is delayed"
    )
)

# Sentences that say it has, whatever else stands there.
FINAL = word_table(
    """
given up|giving up|permanent error|permanent fatal|failed permanently|permanent failure|could not be delivered for
has been failing for|message expired|too long|no further attempts|not be retried|will not be tried
will not be retried
removed from the queue|removed from the mail queue|delivery time expired|retry timeout exceeded
retry time not reached for any host
undelivered mail returned|mail delivery failed|final attempt|will not continue trying|will not continue to
"""
)

# Parts of words that suffice anywhere in a subject where a mail system speaks.
SUBJECT_STEMS = word_table(
    """
למסור|undeliver|deliver|delivrance|failure|failed|returned|returning|bounce|unknown|rejected|not be sent
could not send|undelivrable
unable to send|status notification|non-remise|zustell|ubermittl|remise|non remis|distribu|entreg|recapit|consegn
bezorg|bestel
iletilem|iletilm|teslim|gonderilem|ulastirilam|доставк|доставл|доставит|возврат|недостав|dostarcz|dorecz|doruc|dorucen
kezbesit|livrare|livrat|leverer|leveran|levering|leveret|toimit|dostav|isporuk|isporuc|παραδο|доставя|доставен
מסיר|נמסר
تسليم|配信|配送|配達|送信|不達|退信|退回|送达|送達|传递|傳遞|投递|投遞|배달|전송|반송|khong gui duoc|จัดส่ง
นำส่ง|terkirim
"""
)
