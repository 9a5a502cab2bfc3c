"""The sentences of a help desk's acknowledgement, language by language, as shapes with room for a few words.

Takes squeezed text (`fold.squeeze`); gives compiled expressions, one for each thing such a letter says: that the message
arrived, thanks, a promise, when, that a machine writes, and that a ticket was opened.
Promises: every gap is bounded, so that a search is linear; nothing here decides anything: `autoreply_desk` counts.
"""

from __future__ import annotations

from mailgate.mail.autoreply_shape import shape

_LETTER = (
    r"(?:message|e-?mails?|mail|request|inquiry|enquiry|query|ticket|question|report|submission|note|case|correspondence"
    r"|feedback|comments?|communication|support request|contact form|incident|issue|problem)"
)
_BRIEF = r"(?:nachricht|e-?mail|mail|anfrage|anliegen|mitteilung|meldung|schreiben|ticket|zuschrift|kontaktanfrage)"

# That the reader's message has arrived.
RECEIVED = shape(
    rf"""
    \b(?:we|i)(?:'ve| have)? (?:now |just |successfully |safely )?(?:received|got|logged|registered|\
      recorded) your (?:[\w/-]+ ){{0,3}}{_LETTER}\b
    \byour (?:[\w/-]+ ){{0,3}}{_LETTER} (?:\([^()]{{1,40}}\) |#?[\w-]*\d[\w-]* )?(?:has been|was|have been|\
      is) (?:\w+ly )?(?:received|logged|registered|recorded|submitted|opened|created|raised|generated|queued|\
      forwarded to the|placed in our|added to our)
    \b(?:confirm|confirming|confirms|confirmation of|acknowledge|acknowledges|acknowledging|\
      know)(?: to you)?(?: that)? (?:we|our \w+|my office|it)(?:'ve| has| have)? (?:received|got) (?:your|the)
    \b(?:confirm|confirms|confirming|acknowledge|acknowledges|acknowledging|acknowledgement of|\
      confirmation of) (?:the )?receipt of your
    \blet you know (?:that )?(?:your message|your e-?mail|we(?:'ve| have)? (?:received|got))
    \bwe(?:'ve| have)? (?:received|got) (?:it|your)(?: \w+)? (?:loud and clear|and will|and we)
    \byour (?:e-?mail|message|inquiry|enquiry|request) (?:is|has been) (?:very )?(?:important to us|in good hands)
    \bthank you very much for your problem report
    \bhaben (?:wir )?(?:ihre|deine) (?:\w+ )?{_BRIEF} (?:dankend |bereits |soeben )?(?:erhalten|empfangen|bekommen)
    \bwir haben (?:ihre|deine|ihr|dein) (?:\w+ )?{_BRIEF} (?:dankend |bereits |soeben )?(?:erhalten|empfangen|\
      bekommen)
    \b(?:ihre|deine|ihr|dein) {_BRIEF}(?: \([^()]{{1,40}}\))? (?:ist|wurde) (?:\w+ ){{0,8}}(?:eingegangen|erfasst|\
      registriert|angelegt|eroffnet|aufgenommen|empfangen|ubermittelt|entgegengenommen)
    \bsie ist (?:bei uns |soeben )*eingegangen
    \b(?:eingang|erhalt) ihrer (?:\w+ )?{_BRIEF}
    \b(?:avons|ai) bien (?:recu|pris en compte|enregistre) (?:votre|ton)
    \b(?:votre|ta) (?:message|demande|courriel|courrier|mail|e-mail|requete|\
      ticket)(?: \([^()]{{1,40}}\)| n[o°]? ?[\w-]+)? (?:nous est bien parvenue?|(?:a|\
      est) (?:bien )?(?:ete )?(?:recue?|enregistree?|prise? en compte|transmise?|creee?|parvenue?))
    \baccus(?:e|ons) (?:de )?reception de votre
    \b(?:hemos|he) recibido (?:correctamente )?(?:su|tu) (?:mensaje|correo|solicitud|consulta|peticion|e-?mail|\
      ticket|email|caso|mail)
    \b(?:su|tu) (?:mensaje|correo|solicitud|consulta|peticion|e-?mail|ticket|\
      caso)(?: \([^()]{{1,40}}\))? (?:ha sido|fue) (?:\w+ )?(?:recibid|registrad|cread|asignad)[oa]
    \bse ha (?:recibido|registrado|creado) (?:correctamente )?(?:su|tu) (?:mensaje|correo|solicitud|consulta|ticket)
    \b(?:abbiamo|ho) (?:ricevuto|registrato|preso in carico) (?:correttamente )?(?:la |il )?(?:sua|suo|tua|tuo|\
      vostra|vostro) (?:messaggio|richiesta|e-?mail|mail|segnalazione|comunicazione)
    \b(?:la |il )?(?:sua|suo|tua|tuo|vostra|vostro) (?:messaggio|richiesta|e-?mail|mail|segnalazione|\
      ticket)(?: \([^()]{{1,40}}\))? (?:e stat[oa] )(?:\w+ )?(?:ricevut|registrat|pres|inoltrat|apert)[oa]
    \b(?:recebemos|registramos|registamos) (?:a |o )?(?:sua|seu|tua|teu|vossa) (?:mensagem|e-?mail|solicitacao|\
      pedido de contacto|pedido de suporte|contato|contacto|mensagem|duvida|chamado)
    \b(?:sua|seu) (?:mensagem|e-?mail|solicitacao|contato|contacto|chamado|\
      ticket)(?: \([^()]{{1,40}}\))? (?:foi) (?:\w+ )?(?:recebid|registrad|abert|criad)[oa]
    \b(?:wij|we) (?:hebben )?(?:uw|je) (?:\w+ )?(?:bericht|e-?mail|mail|vraag|aanvraag|verzoek|\
      melding) (?:in goede orde |goed )?(?:hebben )?ontvangen
    \bhebben (?:wij|we) (?:uw|je) (?:\w+ )?(?:bericht|e-?mail|mail|vraag|aanvraag|verzoek|\
      melding) (?:in goede orde |goed )?ontvangen
    \b(?:uw|je) (?:bericht|e-?mail|mail|vraag|aanvraag|verzoek|melding) (?:is|werd) (?:\w+ ){{0,3}}(?:ontvangen|\
      geregistreerd|aangemaakt)
    \b(?:talebiniz|mesajiniz|iletiniz|e-?postaniz|mailiniz|basvurunuz|bildiriminiz|sikayetiniz|\
      sorunuz)(?: \w+)? (?:tarafimiza |bize |sistemimize |ekibimize |basariyla |kayit altina )*(?:ulas|alin|\
      kaydedil|iletil|olusturul)
    \b(?:talebinizi|mesajinizi|iletinizi|e-?postanizi|mailinizi|basvurunuzu) (?:basariyla )?(?:aldik|almis|kaydettik)
    \b(?:panstwa|twoje|pana|pani|panstwu) (?:zgloszenie|wiadomosc|zapytanie)(?: \w+)? (?:zostal[oa]|\
      jest) (?:\w+ )?(?:zarejestrowan|przyjet|otrzyman|przekazan)
    \b(?:otrzymalismy|przyjelismy|potwierdzamy otrzymanie) (?:panstwa|twoj\w?|twoje|pana|pani) (?:wiadomosc|\
      zgloszeni|zapytani|e-?mail)
    \b(?:ваше|ваш) (?:обращение|письмо|сообщение|запрос|заявка)(?: [№#]?[\w-]+)? (?:успешно |было |был )*(?:получен|\
      принят|зарегистрирован|поступил|доставлен)
    \bваша заявка (?:[№#]?[\w-]+ )?(?:успешно |была )*(?:получен|принят|зарегистрирован)
    \b(?:мы |нами )?(?:получили|получено|приняли) ваше? (?:обращение|письмо|сообщение|запрос|заявку)
    \b(?:ваше|ваш) (?:звернення|лист|повідомлення|запит)(?: [№#]?[\w-]+)? (?:було |був )?(?:отриман|прийнят|\
      зареєстрован)
    \b(?:potvrzujeme|potvrdzujeme) (?:prijeti|prijatie|doruceni) (?:vasi|vasej|vaseho)
    \b(?:vas|vase|vasa) (?:zprava|sprava|dotaz|pozadavek|e-?mail|poziadavka|ziadost|zadost)(?: \w+)? (?:byl|bol|\
      byla|bola|jsme|sme) (?:\w+ )?(?:prijat|zaregistrovan|doruc|zaevidovan|obdrzel)
    \b(?:obdrzeli jsme|prijali jsme|dostali sme|prijali sme) (?:vas|vasi|vase|vasu)
    \b(?:uzenetet|levelet|megkereseset|bejelenteset|e-?mailjet) (?:koszonettel )?(?:megkaptuk|rogzitettuk|fogadtuk)
    \bam (?:primit|inregistrat) (?:mesajul|solicitarea|cererea|e-?mailul)
    \b(?:mesajul|solicitarea|cererea) (?:dumneavoastra|dvs\.?|ta) a fost (?:primit|inregistrat)
    \bvi har (?:nu )?(?:tagit emot|mottagit|fatt|modtaget|mottatt|registreret|registrerat|registrert) (?:ditt|din|\
      deres|er) (?:arende|meddelande|mejl|mail|e-?post|fraga|henvendelse|henvendelsen|besked|foresporsel|melding|\
      sak|sag)
    \bhar (?:vi )?(?:tagit emot|mottagit|modtaget|mottatt) (?:ditt|din) (?:arende|meddelande|mejl|mail|henvendelse|\
      foresporsel|besked)
    \b(?:ditt|din) (?:arende|meddelande|mejl|mail|henvendelse|foresporsel|besked) (?:har|er|\
      ar) (?:\w+ )?(?:mottagit|registrerat|modtaget|registreret|mottatt|registrert)
    \b(?:olemme )?(?:vastaanottaneet|saaneet) (?:viestisi|viestinne|yhteydenottosi|tukipyyntosi|palautteesi)
    \b(?:viestisi|viestinne|tukipyyntosi|yhteydenottosi) on (?:vastaanotettu|kirjattu)
    \b(?:primili smo|zaprimili smo|prejeli smo) (?:vas|vase|vasu|vaso)
    λαβαμε το (?:μηνυμα|αιτημα|email)
    το (?:μηνυμα|αιτημα|email) σας (?:εχει )?(?:ληφθει|παραληφθηκε|καταχωρ)
    (?:вашето|вашата) (?:съобщение|запитване|заявка) (?:е |беше )(?:получен|регистриран|приет)
    получихме ваш
    (?:お問い?合わ?せ|ご質問|メール|ご連絡)(?:内容)?を?(?:受け?付け|受領|受信)(?:いた|し|ました|まし)
    お問い?合わ?せ(?:いただき|を頂き|頂き)
    (?:以下の|下記の)内容で(?:お問い?合わ?せ|受け?付け|送信)
    您的?(?:邮件|来信|信息|留言|问题|咨询|请求|工单|郵件|來信|訊息|問題|諮詢|請求)(?:我们|我們)?(?:已经|已經|\
      已)(?:经|成功)?(?:收到|提交|受理|创建|建立)
    (?:已经|已經|已)(?:收到|受理)(?:了)?您的(?:邮件|来信|信息|留言|问题|咨询|请求|郵件|來信|訊息|問題)
    (?:문의|메일|요청)(?:하신|사항|내용)?(?:이|가|을|를| 내용이)? ?(?:정상적으로 |성공적으로 )?(?:접수|수신)되었
    (?:문의|메일|요청)\w{{0,4}} (?:내용이 )?(?:정상적으로 |성공적으로 )?(?:접수|수신)되었
    تم (?:استلام|استقبال|تسجيل) (?:رسالتك|طلبك|بريدك|استفسارك)
    (?:לקינו|קיבלנו|קבלנו) את (?:פנייתך|פנייתכם|הודעתך|פניתך|הודעתכם)
    (?:פנייתך|פנייתכם|הודעתך) (?:התקבלה|נקלטה)
    chung toi da nhan duoc (?:email|thu|yeu cau|tin nhan)
    เราได้รับ(?:ข้อความ|อีเมล|คำขอ)
    (?:pesan|email|permintaan) anda telah (?:kami )?(?:diterima|terima)
    \bwe(?:'ve| have) got (?:it|your (?:message|e-?mail|request))\b|\backnowledge?ment (?:mail|e-?mail|message|\
      letter)? ?(?:for|of) your\b|\byour (?:complaint|comment|suggestion|appeal|report) (?:has been|\
      was) (?:received|registered|logged|recorded)
    \b(?:ticket|case|request) (?:has been|was) (?:\w+ )?(?:created|opened|logged|raised) for your (?:request|\
      inquiry|enquiry|e-?mail|message|query)|\bsupport ticket has (?:now )?been (?:opened|created)
    \bse ha (?:abierto|creado|generado) un (?:ticket|caso|incidente)|\bconferma l'avvenuta ricezione|\bconferm(?:a|\
      iamo) (?:di aver ricevuto|la ricezione|il ricevimento|l'avvenuta)
    \b(?:sua|seu|tua) (?:manifestacao|reclamacao|demanda|pedido|questao) (?:foi|ja foi) (?:\w+ )?(?:registrad|\
      recebid|abert|encaminhad)[oa]|\bpotwierdza(?:my)? (?:wplyw|otrzymanie|przyjecie)
    お問い?合わ?せを承り|承りました|(?:ihre|deine) (?:e-?mail|mail|nachricht|anfrage) (?:ist|\
      wurde) (?:\w+ ){{0,6}}eingegangen
    """
)

# Thanks for a message, as people say it too. For interest shops thank too.
THANKS = shape(
    r"""
    \b(?:thank you|thanks|many thanks|thankyou)(?: so| very)?(?: much)? for (?:contacting|writing|reaching out|\
      getting in touch|submitting|emailing|e-mailing|your (?:[\w/-]+ ){0,3}(?:message|e-?mail|mail|inquiry|enquiry|\
      request|query|feedback|report|submission|note|question|correspondence))
    \b(?:vielen dank|danke|herzlichen dank|wir danken ihnen) fur (?:ihre|deine|ihr|dein|die) (?:\w+ )?(?:nachricht|\
      e-?mail|mail|anfrage|kontaktaufnahme|mitteilung|schreiben|anliegen|zuschrift)
    \bmerci (?:pour|de) (?:votre|ton|nous avoir) ?(?:message|mail|e-mail|courriel|demande|contact|contacte|ecrit|que)
    \b(?:gracias|agradecemos) (?:por )?(?:su|tu|contactar|contactarnos|escribir|escribirnos|comunicarse|comunicarte|\
      ponerse|haberse)\b
    \b(?:obrigad[oa]|agradecemos)(?: por| pelo| pela| o| a) (?:seu|sua|contato|contacto|entrar|contactar|\
      nos contactar|contatar|mensagem)
    \bgrazie per (?:averci|aver|il (?:suo|tuo|vostro)|la (?:sua|tua|vostra)) ?(?:contattat|scritt|messaggio|e-?mail|\
      mail|richiesta)
    \b(?:bedankt|dank|dank u wel|hartelijk dank) voor (?:uw|je|het) (?:bericht|e-?mail|mail|vraag|aanvraag|contact|\
      reactie|opnemen)
    \b(?:mesajiniz|iletiniz|e-?postaniz|mailiniz|basvurunuz|bizimle iletisime|bize ulas\w+|\
      bize yaz\w+)(?: gectiginiz| ulastiginiz)?(?: icin)? (?:icin )?(?:tesekkur|cok tesekkur)
    \bdziekuje(?:my)? za (?:kontakt|wiadomosc|przeslanie|zgloszenie)
    \b(?:dekujeme|dakujeme) za (?:vas|vasi|vasu|zpravu|spravu|kontakt)
    \bkoszonjuk (?:a |az )?(?:megkeres|level|uzenet|e-?mail|bejelent)
    \b(?:va multumim|multumim) (?:pentru|ca)
    (?:спасибо|благодарим вас|благодарим) за (?:ваше|ваш|обращение|письмо)
    дякуємо за (?:ваше|ваш|звернення|лист)
    \btack for (?:ditt|att du|din) (?:mejl|mail|meddelande|e-post|arende|kontaktar|kontaktat|fraga)
    \bta(?:c?k|kk) for (?:din|at du|deres) (?:henvendelse|mail|e-?post|besked|kontakter|tok kontakt|foresporsel|\
      melding)
    \bkiitos (?:viestistasi|viestista|yhteydenotosta|yhteydenotostasi|palautteesta|palautteestasi)
    \bhvala (?:na|za|vam na|sto ste)
    ευχαριστουμε (?:για|που)
    お問い?合わ?せ(?:いただき|を?頂き)?(?:、)?(?:誠に|まことに)?ありがとう
    (?:感谢|感謝|谢谢|謝謝)(?:您|你)?的?(?:来信|联系|来邮|邮件|咨询|來信|聯絡|與我們)
    (?:문의|연락)(?:해|하여)? ?주셔서
    شكرا (?:ل|على )(?:تواصل|رسالت|اتصال)
    תודה (?:על|ש)(?: ?פני)
    """
)

# That somebody will answer.
PROMISE = shape(
    r"""
    (?:\bwill|'ll|\baim to|\btry to|\bstrive to|\bshould receive|\bcan expect|\busually|\btypically|\
      \bdo our best to|\bendeavou?r to|\bnormally|\bexpect) (?:[\w,'/-]+ ){0,9}?(?:repl|respon|answer|get back|\
      be in touch|in touch|contact you|reach|follow|review|be reviewed|look into|assist you|attend|process)
    \b(?:is|are) (?:currently |now )?being (?:reviewed|processed|looked)
    \bwe're on it\b
    \bour (?:\w+ )?hours are\b
    \b(?:melden (?:wir )?uns|antworten|beantworten|bearbeiten|kummern|in verbindung setzen|bearbeitet|beantwortet|\
      gepruft|zuruckmelden|auf sie zukommen|melden werden|setzt sich|setzen uns)\b
    \b(?:repondr\w+|traiter\w+|sera traitee?|reviendr\w+|recontacter\w+|contacter\w+|vous apporter|\
      prendr\w+ contact|donner\w+ suite|dans l'attente)\b
    \b(?:responder\w+|contestar\w+|atender\w+|contactar\w+|comunicar\w+ con usted|ponerse en contacto con usted|\
      siendo revisad|pondremos en contacto|respuesta)\b
    \b(?:respondere?mos|resposta|retornaremos|entraremos em contato|entraremos em contacto|contactaremos|\
      sendo analisad|analisara|atende-lo)
    \b(?:rispondere\w+|ricontattat\w+|ricontattere\w+|contattere\w+|sara (?:gestita|evasa|elaborata|letta)|risposta|\
      daremo riscontro|provvedere\w+)\b
    \b(?:beantwoord\w+|reageren|reactie|antwoord\w*|nemen (?:wij|we) contact|contact met (?:u|je) op|in behandeling)\b
    \b(?:donus yap|geri donus|donulecek|cevap ver|yanit ver|cevaplan|yanitlan|bilgi veril|bilgilendiril|\
      iletisime gec|degerlendir|incelen|islem)
    \b(?:odpowiemy|odpowiedz\w*|skontaktuj\w+|rozpatrz\w+|udzieli\w*)
    \b(?:odpovim|odpovime|ozveme|budeme (?:vas )?kontaktovat|vyridime|odpovieme|zodpovie)
    \b(?:valaszol\w+|felvesszuk|jelentkez\w+|feldolgoz\w+|keresni fog)
    \b(?:vom raspunde|vom contacta|veti primi|va vom)
    (?:ответ\w*|свяж\w+|рассмотр\w+|обработ\w+|перезвон\w+)
    (?:відповід\w+|зв'яж\w+|розглян\w+|опрацю\w+)
    \b(?:aterkommer|besvarar|svarar|hor av oss|kontaktar|vender tilbage|besvarer|svarer|svare|kommer tilbake|\
      kontakter|behandles|handlaggs)\b
    \b(?:vastaamme|palaamme|otamme (?:sinuun )?yhteytta|kasittelemme|kasitellaan)\b
    \b(?:odgovorit|odgovorili|javit cemo|kontaktirat|javili)\w*
    (?:απαντησ\w+|επικοινωνησ\w+)
    (?:отговор\w+|ще се свърж\w+)
    (?:回答|ご連絡|返信|返答|対応)(?:を)?(?:いたし|させて|申し|差し|お待ち|致し)
    (?:回复|回覆|联系|聯絡|处理|處理|答复|答覆|回信)
    (?:답변|연락|처리)(?:을|를)? ?(?:드리|하겠|해 ?드리|받으)
    (?:الرد|سنرد|سنتواصل|نتواصل|الاتصال)
    (?:נחזור אלי|ניצור|נשיב|תטופל|יענה)
    (?:phan hoi|lien he|tra loi)
    \b(?:will|'ll|shall) (?:be )?(?:\w+ )?(?:notified|informed|updated|attended|handled|forwarded|assigned|send|\
      receive|deal)|\brecibira|\breceber[ae]|\bricevera|\bkann die bearbeitung|\bbearbeitungszeit|\bsonuclandir|\
      \bprazo de resposta|\bzostanie (?:\w+ )?(?:przekazana|rozpatrzona)|\bwird (?:an die |\w+ ){0,3}weitergeleitet|\
      \bwij sturen|\bsera transmis\w*|\b(?:verra|sara) (?:inoltrat|esaminat|presa)
    \bsie erhalten\b|\bbescheid\b|\bare on it\b|\bis on it\b|\b(?:krijgt|ontvangt) (?:u|je)?|\bje krijgt|\
      \bbestraeber\b|\bgarder de repondre|\bmay take\b|\bcan take\b
    """
)

# When.
SOON = shape(
    r"""
    \bas soon as (?:possible|we can|it is|they can|practicable)|\bshortly\b|\bsoon\b|\
      \b(?:with)?in(?: the next)? (?:\d+|one|two|three|a few|twenty)[ -](?:to |- ?)?(?:\d+ |two |\
      three )?(?:\(?\d+\)? )?(?:business |working |regular )?(?:hour|day|h\b|minute)
    \bwithin (?:\d+|one|two|three|a) |\bin the order|\bin a timely|\bpromptly\b|\bat (?:our|the) earliest|\
      \b\d+ to \d+ (?:business |working )?(?:hours|days)|\b\d+-\d+ (?:business |working )?(?:hours|days)
    \b(?:schnellstmoglich|so (?:schnell|bald|rasch) wie moglich|in kurze|umgehend|baldmoglichst|innerhalb (?:von|\
      der)|zeitnah|kurzfristig|so rasch)
    \b(?:dans les (?:meilleurs|plus brefs) delais|des que possible|rapidement|sous \d+|dans un delai|au plus vite|\
      dans les \d+|prochainement)
    \b(?:a la (?:mayor )?brevedad|lo antes posible|en breve|en un plazo|proximas \d+|cuanto antes|en las proximas)
    \b(?:com a (?:maior )?brevidade|o mais (?:breve|rapido|rapidamente)|assim que possivel|em breve|no prazo|em ate|\
      brevemente)
    \b(?:al piu presto|il prima possibile|quanto prima|entro \d+|appena possibile|nel piu breve|a breve|\
      prima possibile)
    \b(?:zo (?:spoedig|snel) mogelijk|binnen \w+|spoedig)
    \b(?:en kisa (?:surede|zamanda)|en gec|is gunu|saat icinde|en yakin)
    \b(?:jak najszybciej|wkrotce|w ciagu|najszybciej jak|niezwlocznie)|\b(?:co nejdrive|brzy|do \d+ (?:hodin|\
      pracovnich)|co najskor|v nejblizsi)
    \b(?:hamarosan|a leheto leg|rovidesen|munkanapon|oran belul)|\b(?:in cel mai scurt|cat mai curand|cat mai repede)
    (?:в ближайшее|в кратчайш|в течение|как можно скорее|найближч|протягом|якнайшвидше)
    \b(?:sa snart|inom \w+|snarast|hurtigst muligt|snarest|inden for|innen \w+|sa hurtigt)|\b(?:mahdollisimman|pian)\b
    \b(?:u najkracem|sto prije|u roku|v najkrajsem)|(?:συντομοτερο|συντομα|εντος)|(?:възможно най|скоро|в рамките)
    (?:営業日|以内|追って|順次|まもなく|お待ち)|(?:尽快|盡快|儘快|工作日|小时内|小時內|稍后|第一时间)|(?:빠른|곧|\
      영업일|이내)
    (?:أقرب وقت|اقرب وقت|خلال|قريبا)|(?:בהקדם|בתוך|תוך)|(?:som nhat|trong vong|trong thoi gian)
    \b\d+ (?:jours?|tage[n]?|werktage[n]?|stunden|giorni|ore|dias?|horas|dagen|werkdagen|uur|dni|godzin|is gunu|gun|\
      saat|arbetsdagar|dagar|timmar|dage|timer|dager|paivaa|munkanap\w*|zile|business days|working days)\b|(?:двух|\
      трех|пяти|\d+) (?:рабочих )?дн\w+|\bzwei werktagen|\bin due course\b|折り返し|\bpor orden de llegada|\
      \bsa fort vi kan
    \bup to \d+ (?:business |working )?(?:days|hours|weeks)|\bin kurze\b|\binden for \d|\bbinnen \d
    """
)

# That a machine writes, or that nobody reads the answers.
AUTOMATIC = shape(
    r"""
    \b(?:automated|automatic|auto(?:matically)?[- ]?generated|computer[- ]generated|\
      system[- ]generated) (?:e-?mail |mail )?(?:message|e-?mail|mail|response|reply|notification|note|confirmation|\
      acknowledge?ment|receipt|answer|bounce|notice)
    \b(?:automatically|auto)[- ]?(?:generated|sent|created)|\bautomatically (?:in response|acknowledg)|\
      \bauto-?(?:response|responder|reply|acknowledg)
    \b(?:do not|don't|no need to|cannot|not) (?:reply|respond|answer)(?: directly)? to this|\bplease (?:do not|\
      don't) (?:reply|respond)|\bdo not reply\b|\breplies to this (?:e-?mail|message|address)|\bthis (?:mailbox|\
      inbox|address) is not monitored
    \bautomatisch (?:generiert|erstellt|erzeugt|versendet|verschickt)|\bautomatische (?:nachricht|antwort|e-?mail|\
      eingangsbestatigung|empfangsbestatigung|mail)|\b(?:antworten sie|bitte) nicht (?:auf diese|antworten)|\
      \bnicht auf diese (?:\w+ )?(?:e-?mail|nachricht|mail)
    \b(?:message|mail|courriel|reponse|e-mail) (?:est )?(?:automatique|genere automatiquement|\
      envoye automatiquement)|\bne pas (?:y |lui )?repondre|\bgenere automatiquement
    \b(?:mensaje|correo|respuesta|email|e-mail) (?:es )?(?:automatic[oa]|generad[oa] automaticamente)|\
      \bno (?:responda|responder|conteste|respondas)
    \b(?:mensagem|e-?mail|resposta) (?:e )?(?:automatic[oa]|gerad[oa] automaticamente|enviad[oa] automaticamente)|\
      \bnao (?:responda|responder)
    \b(?:messaggio|e-?mail|mail|risposta) (?:e )?(?:automatic[oa]|generat[oa] automaticamente)|\
      \bgenerat[oa] automaticamente|\bnon rispondere|\bdi non rispondere
    \bautomatisch (?:gegenereerd|verzonden|verstuurd|bericht|antwoord)|\bautomatische (?:bevestiging|ontvangst|\
      reactie|e-?mail)|\bniet (?:op dit|reageren|beantwoorden)
    \botomatik (?:olarak|bir|mesaj|e-?posta|yanit|cevap|bilgilendirme)|\b(?:yanitlamayiniz|cevaplamayiniz|\
      yanitlamayin|cevaplamayin|cevap vermeyin|yanit vermeyin)
    \b(?:wygenerowan\w+|wyslan\w+) automatycznie|\bautomatyczn\w+ (?:wygenerowan|wyslan|wiadomosc|odpowiedz|\
      potwierdzeni|powiadomieni|e-?mail|mail|komunikat)|\b(?:wiadomosc|e-?mail|mail|\
      odpowiedz)\w* (?:\w+ ){0,2}automatyczn|\bnie odpowiada|\bna nia nie odpow
    \bautomatick\w+ (?:\w+ )?(?:odpoved|zprav|sprav|e-?mail|mail|potvrzen|potvrden|generovan|vygenerovan|odeslan|\
      odoslan|upozornen|oznamen|vytvoren)|\b(?:zprav|sprav|e-?mail|odpoved|vygenerovan|generovan|odeslan|\
      odoslan)\w* (?:\w+ ){0,2}automatick|\bneodpovide|\bneodpoved|\bautomatikus\w* (?:valasz|uzenet|level|e-?mail|\
      ertesit|visszaigazol|generalt|kuldott)|\bne valaszol|\b(?:mesaj|raspuns|e-?mail) automat\b|\bnu raspund|\
      \bgenerat automat
    автоматическ\w+ (?:\w+ )?(?:ответ|сообщени|уведомлени|письм|сформирован|создан|сгенерирован|отправл|рассыл|\
      подтвержд)|(?:сообщение|письмо|ответ|уведомление) (?:\w+ ){0,3}автоматическ|\
      автоматичн\w+ (?:\w+ )?(?:відповід|повідомл|лист|сформован|створен|згенерован|надісла|отговор|съобщени|\
      генериран|изпратен)|(?:повідомлення|лист|съобщение|писмо) (?:\w+ ){0,3}автоматичн|не отвеча|не нужно отвеча|\
      отвечать на него не|не відповіда
    \bautomatisk\w* (?:\w+ )?(?:svar|besked|meddelelse|meddelande|mail|e-?mail|e-?post|melding|generer|gene?rert|\
      sendt|skicka|utskick|bekraft|kvittering|opret|skapa|utsend|afsend|bekreft)|\b(?:mail|e-?mail|e-?post|besked|\
      meddelelse|meddelande|melding|svar)\w* (?:\w+ ){0,3}automatisk|\bautogenerer\w+|\bautosvar|\bikke (?:besvare|\
      svare)|\binte (?:besvara|svara)|\bautomaatti\w+ (?:\w+ )?(?:vasta|viest|lahet|ilmoit|sahkopost|kuittau|luot)|\
      \b(?:viesti|vastaus|ilmoitus)\w* (?:\w+ ){0,2}automaatti|\bei voi vastata|\bala vastaa
    \b(?:automatsk|samodejn)\w+ (?:\w+ )?(?:odgovor|poruk|sporocil|e-?mail|generir|poslan|potvrd|ustvarjen|obavij)|\
      \b(?:poruka|sporocilo|odgovor|e-?mail)\w* (?:\w+ ){0,3}(?:automatsk|samodejn)|αυτοματ\w+ (?:\w+ )?(?:απαντ|\
      μηνυμ|ειδοποι|email)|(?:μηνυμα|email) (?:\w+ ){0,3}αυτοματ|αυτοματοποιημενο
    自動(?:送信|返信|配信|応答|的)|送信専用|返信(?:は)?でき|(?:系统|系統)自动|自动(?:发送|回复|答复|发出|生成|邮件)|\
      自動(?:發送|回覆|發出)|请勿(?:直接)?回复|請勿(?:直接)?回覆|자동(?:으로)? ?(?:발송|회신|응답|전송|생성|답장|\
      메일)|발신 ?전용
    رسالة (?:آلية|الية|تلقائية)|عدم الرد|تلقائي|אוטומטי|אין להשיב|tu dong|อัตโนมัติ|otomatis
    \bautomated system\b|\b(?:system|machine)[- ]generated\b
    \bmaschinell erstellt|\bautomated receipt|\bautomatic receipt
    """
)

# How desks ask for answers above a line, or for a number to be kept; their people's answers bear it too.
TEMPLATE = shape(
    r"""
    \breply above this line|\btype your reply above|\badd (?:additional|further|more) (?:comments|information)|\
      \bplease (?:include|quote|keep|leave|retain) (?:\w+ ){0,6}(?:string|reference|ticket|case|subject|number|id)|\
      \bin the subject line of
    \bthis (?:e-?mail|message) is a service from
    \bihre antwort uber dieser zeile|\bweitere kommentare|\bpor encima de esta linea|\bacima desta linha
    """
)

# That a ticket was opened, or has a number.
TICKET = shape(
    r"""
    \b(?:ticket|case|incident|request|issue|call|sr)(?: \S{1,30})? (?:has been|was|is) (?:\w+ly )?(?:created|opened|\
      logged|generated|raised|registered|assigned(?! to you))
    \b(?:has been|been) assigned (?:an id|(?:the )?(?:ticket|case|reference|tracking|id|#|number))
    \b(?:ticket|case|reference|tracking|incident|request) (?:number|id|no\.?|ref(?:erence)?|#)|\
      \binternal identification
    \b(?:ticket-?nummer|vorgangsnummer|fallnummer|bearbeitungsnummer|vorgang|aktenzeichen|referenznummer|ticket-?id|\
      ticketnummer)
    \bsous le (?:numero|n°|no)|\bnumero de (?:dossier|ticket|suivi|reference|demande|caso|referencia|protocolo|\
      chamado|pratica)|\bnumero \d+
    \b(?:zaaknummer|meldingsnummer|ticketnummer|referentienummer)|\b(?:numarasi ile|numarali|talep no|\
      talep numarasi|kayit no|takip no)
    \b(?:pod numerem|numer zgloszenia|pod cislem|cislo pozadavku)|(?:под номером|номер (?:обращения|заявки)|\
      під номером)
    \b(?:arendenummer|sagsnummer|saksnummer|referansenummer|tapausnumero|tikettinumero)|(?:受付番号|\
      お問い?合わ?せ番号|工单|工單|编号|編號|접수번호)
    \b(?:ticket|case|incident|request)(?: \S{1,30})? (?:has|was|is) (?:now |just )?(?:been )?(?:created|opened|\
      logged|raised)|\b(?:ticket|case|request|complaint) ?(?:id|no|nr|number|#|ref)?\.? ?[:#] ?#?[\w-]*\d|\
      \byour reference (?:is|number)|\breference \d|\breference:|\btalep numara|\bbasvuru numara|\bprotocolo\b|\
      \bnolu (?:basvuru|talep)|\bun ticket con su|(?:за|под) (?:no|№) ?\d
    \b(?:nummer|number|numero|numer\w*|nr|no|n|sayi|cislo\w*|szam\w*|id)\.? ?[:#]? ?\d{3}|\b\d{3,} (?:sayi\w*|\
      numara\w*|nolu|no'lu)|номер\w* \d{3}|(?:ticket|case|arende|melding|sak|sag|tapaus|talep|atendimento|案件編號|\
      案件编号) ?(?:no |nr |#)?[a-z-]{0,5}\d{3}
    """
)
