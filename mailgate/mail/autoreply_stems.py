"""Stems of words by what they are about: absence, coming back, answering, letters, what was done with them, whose they are.

Takes squeezed text (`fold.squeeze`); gives compiled expressions. Promises: a stem alone means nothing, everybody writes
such words: they count only where every sentence of a text has some (`autoreply_sentences`). Linear.
"""

from __future__ import annotations

from mailgate.mail.autoreply_shape import shape

# Of one who is away, or of an office that is closed.
ABSENCE = shape(
    r"""
    \b(?:away|out of office|out of the office|on leave|\w+ leave|vacation|holidays?|closed|closure|absent|absence|\
      out sick|off sick|sick|travell?ing|on travel|business trip|trade show|conference|time off|parental|maternity|\
      paternity|sabbatical|unavailable|not available|limited availability|not (?:be )?(?:in|able to respond)|\
      is open|part[- ]time|retired?|only check)\b
    \b(?:\w*urlaub\w*|\w*ferien\w*|abwesen\w*|verreist|geschlossen|dienstreise|unterwegs|krank\w*|elternzeit|\
      mutterschutz|teilzeit|nicht (?:mehr )?(?:erreichbar|besetzt|im (?:buro|haus))|unregelmassig)\b
    \b(?:absente?s?|absence|conges?|vacances|fermee?s?|deplacement|arret (?:de travail |maladie)|arret maladie|\
      maladie|retraite|indisponible|hors du bureau)\b
    \b(?:ausente|ausencia|vacaciones|cerrad[oa]|de viaje|de baja|permiso|licencia|licenca|ferias|fechad[oa]|\
      de ferias|fora d[oae]|fuera d[ea])\b
    \b(?:assente|assenza|ferie|chius[oaie]|chiusura|malattia|trasferta|congedo|maternita|fuori (?:ufficio|sede))\b
    \b(?:afwezig\w*|vakantie\w*|verlof|gesloten|ziek|niet aanwezig|werk ik niet|buiten kantoor)\b
    \b(?:izin\w*|tatil\w*|raporlu\w*|yurt disinda|sehir disinda|ofis\w* (?:disinda|kapali)|kapali\w*|seyahat\w*|\
      olmayacag\w*)
    \b(?:urlop\w*|nieobecn\w*|zwolnien\w*|delegacj\w*|nieczynn\w*|dovolen\w*|nepritom\w*|sluzebni ceste|zavren\w*|\
      zatvoren\w*|szabadsag\w*|tavol\w*|zarva|hazon kivul|concediu\w*|delegatie|inchis\w*|plecat\w*)\b
    отпуск\w*|отсутств\w*|командировк\w*|больничн\w*|закрыт\w*|відпустц\w*|відсутн\w*|відряджен\w*|закрит\w*
    \b(?:\w*semester\w*|ledig\w*|franvaro\w*|stangt|bortrest|\w*ferie\w*|fravaer\w*|lukket|stengt|bortrejst|\
      \w*loma\w*|poissa\w*|suljettu)\b
    αδεια\w*|απουσι\w*|εκτος γραφειου|κλειστ\w*|отпуск\w*|отсъств\w*|godisnj\w+ odmor\w*|dopust\w*|odsut\w*|odsot\w*
    不在|休暇|休業|出張|育児休|休み|放假|休假|假期|出差|外出|请假|請假|휴가|부재|출장|휴무|휴직|בחופש|إجازة|اجازة|\
      \b(?:vang mat|nghi phep|cuti)\b
    \b(?:do not work|don't work|days? off|not at work|militardienst|zivildienst|en tournage|en reunion|\
      no puedo atender|nao me encontro|santiye\w*|sjuk|syg|pa kursus|pa kurs|sykmeldt|in servizio|\
      non sono in ufficio|i'll be out|will be out)\b|не будет (?:в офисе|на месте)|меня нет
    """
)

# Of one who will be back, or who answers later than now.
AFTERWARDS = shape(
    r"""
    \b(?:back|return\w*|reopen\w*|resume\w*|after that|before then|until then|then|tomorrow|as soon as|delay\w*|\
      patience|in due course|during these times)\b
    \b(?:wieder|zuruck\w*|ruckkehr|danach|bis dahin|ab (?:dem|morgen|montag)|erst|anschliessend)\b|\b(?:retour|\
      revien\w+|reprise|reprendr\w+)\b|\b(?:volve\w+|regres\w+|vuelta|volto|retorn\w+|regresso|rientr\w+|ritorn\w+|\
      riapr\w+)\b
    \b(?:terug\w*|daarna|weer)\b|\b(?:don(?:ec|us|un|du)\w*|sonra)\b|\b(?:wrac\w+|powro\w+|navrat\w*|vrat\w+|\
      visszat\w+|visszaj\w+|revin\w*|intoarc\w+|revenire)\b|\b(?:tillbaka|ater|tilbage|tilbake|oppnar|takaisin|\
      palaa\w*|palat\w*)\b
    верн\w+|возвращ\w+|поверн\w+|επιστρ\w+|връщ\w+|戻り|出社|以降|返回|回来|恢复|복귀|이후
    """
)

# Of a day.
DAY = shape(
    r"""
    \d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:mon|diens|donners|frei|sams|sonn)tags?\b|\
      \bmittwochs?\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi)\b|\b(?:lunes|martes|miercoles|jueves|viernes)\b|\
      \b(?:lune|marte|mercole|giove|vener)di\b|\b(?:segunda|terca|quarta|quinta|sexta)\b
    \b(?:maan|dins|woens|donder|vrij)dag\b|\b(?:pazartesi|sali|carsamba|persembe|cuma)\w*|\b(?:poniedzial\w+|\
      wtor\w+|srod\w+|czwart\w+|piat\w+|pondel\w+|uter\w+|stred\w+|ctvrt\w+|patek|hetfo\w*|kedd\w*|szerd\w*|luni|\
      marti|miercuri)\b|понедел\w+|вторн\w+|сред[уы]|четверг\w*|пятниц\w+|\b(?:man|tis|ons|tors|fre|tirs)dag\w*
    \b(?:tomorrow|morgen|demain|manana|domani|amanha|yarin|jutro|zitra|holnap|maine|i morgon|huomenna|today|heute|\
      derzeit|aujourd'hui|hoy|oggi|hoje|vandaag|bugun|dzisiaj|dnes|idag|i dag|tanaan)\b|завтра|明日|明天|내일
    """
)

# Of answers, of reading mail and of seeing to it.
ANSWERING = shape(
    r"""
    \b(?:repl(?:y|ies)|respon\w+|answer\w*|get back|read|check(?:ing)?|e-?mails?|messages?|dealt with|look into|\
      follow up|in touch|contact you)\b
    \b(?:antwort\w*|beantwort\w*|bearbeit\w*|melde[n]?|gelesen|kummer\w*|e-?mails?|mails?|nachricht\w*)\b|\
      \b(?:repon\w+|traite\w*|connaissance|messages?|courriels?|mails?|revien\w+)\b|\b(?:respond\w+|contest\w+|\
      atend\w+|correos?|mensajes?|responder\w*|mensagens?|e-?mails?)\b
    \b(?:rispond\w+|risposta|messaggi\w*|legg\w+|lett\w+|riscontr\w+)\b|\b(?:reage\w+|beantwoord\w*|antwoord\w*|\
      behandeling|mail|bericht\w*)\b|\b(?:yanit\w*|cevap\w*|mail\w*|e-?posta\w*|donus\w*)\b
    \b(?:odpow\w+|odpov\w+|wiadomo\w+|czyta\w*|ctu|cist|zpravy?|valasz\w+|level\w+|raspun\w+|mesaj\w*)\b|\
      \b(?:svar\w*|mejl\w*|mail\w*|besvar\w*|vasta\w+|viest\w+|lueta)\b
    ответ\w*|отвеча\w*|письм\w*|почт\w*|відпов\w*|απαντ\w+|отговор\w*|返信|回答|メール|回复|回覆|邮件|郵件|处理|\
      회신|답변|메일|رد|תשוב|tra loi|email
    """
)

# Of haste.
HASTE = shape(
    r"""
    \b(?:urgen\w*|emergenc\w*|immediate\w*|pressing)\b|\b(?:dringen\w*|notfall\w*|notfalle|eilig\w*|akut\w*)\b|\
      \bspoed\w*|\b(?:acil\w*)\b|\b(?:piln\w*|nalehav\w*|specha\w*|surgos\w*|urgent\w*)\b|\b(?:bradsk\w*|hast\w*|\
      kiireel\w*|hitn\w*|nujn\w*)\b
    срочн\w*|термінов\w*|неотложн\w*|επειγ\w*|спешн\w*|お急ぎ|緊急|至急|紧急|急事|緊急|급한|급하|긴급|דחופ|عاجل|khan
    """
)

# Of somebody else to turn to, by name of what he is or by address.
CONTACT = shape(
    r"""
    [\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}
    \b(?:contact\w*|kontakt\w*|reach\w*|e-?mail|direct (?:all|any|your)|address (?:official|all|your|any)|refer|\
      expect|wenden|wendet|ansprechpartner\w*|erreichen sie|joindre|adress\w+|s'adresser|interlocut\w+|\
      communiquer avec|dirig\w+|escrib\w+|comunic\w+|verlo con|rivolg\w+|scriv\w+|opnemen|mailen|bellen)\b
    \b(?:vertretung|vertreter\w*|vertritt|remplac\w+|sustitu\w+|substitu\w+|sostitu\w+|vervang\w+|sijais\w+|\
      vikar\w*|stedfortr\w+|zastep\w+|zastup\w+|helyettes\w*|inlocu\w+)\b|\b(?:tel|phone|telefon|ring|call|suna\w*|\
      volej\w*|cell|mobil\w*|rufen)\b.{0,30}\d{3}
    \b(?:ulas\w*|irtibat\w*|iletisim\w*|basvur\w*|yazabil\w*|gorusebil\w*)|замеща\w+|заміщ\w+|обращ\w+|\
      (?<!под)(?<!за)(?<!вы)пиш\w+|звон\w+|звер\w+|зателеф\w+|επικοινων\w+|свърж\w+|までお願い|までご連絡|请联系|請聯|联系|연락|문의|לפנות|פנו|\
      التواصل|lien he|hubungi
    """
)

# Letters, requests and tickets.
LETTER = shape(
    r"""
    \b(?:e-?mails?|messages?|tickets?|cases?|requests?|inquir\w+|enquir\w+|calls?|comments?|feedback|complaints?|\
      quer(?:y|ies))\b|\b(?:nachricht\w*|anfrage\w*|anliegen|mitteilung\w*|schreiben|meldung\w*|ticket\w*)\b|\
      \b(?:courriels?|courriers?|demandes?)\b|\b(?:correos?|mensajes?|solicitud\w*|consultas?|incidencias?)\b
    \b(?:richiest\w+|segnalazion\w+|messaggi\w*)\b|\b(?:mensage\w+|solicitac\w+|atendimento|chamado|manifestacao)\b|\
      \b(?:bericht\w*|melding\w*|aanvra\w+|vraag|verzoek)\b|\b(?:zgloszeni\w+|wiadomosc\w*|zapytani\w+|dotaz\w*|\
      zprav\w*|pozadav\w+|poziadav\w+|uzenet\w*|level\w*|megkeres\w*|mesaj\w*|solicitare\w*|cerere\w*)\b
    \b(?:tale[bp]\w*|basvuru\w*|ileti\w*|e-?posta\w*|sikayet\w*)\b|обращени\w*|письм\w*|запрос\w*|заявк\w*|\
      сообщени\w*|звернен\w*|запит\w*|\b(?:arende\w*|mejl\w*|henvendels\w*|besked\w*|foresporsel\w*|viesti\w*|\
      yhteydenot\w*|tukipyynt\w*)\b|μηνυμ\w*|αιτημ\w*|съобщени\w*|запитван\w*
    お問い?合わ?せ|メール|邮件|郵件|来信|來信|工单|工單|案件|留言|문의|메일|رسال|طلب|פני|הודע
    """
)

# That something was done with a letter.
HANDLED = shape(
    r"""
    \b(?:receiv\w+|got|logged|opened|created|registered|recorded|reached|forwarded|passed|arrived|assigned|\
      looking into|being (?:looked|processed|reviewed))\b|\b(?:eingegangen|erhalten|angelegt|erreicht|erfasst|\
      eroffnet|erstellt|weitergeleitet|ubermittelt|entgegengenommen)\b|\b(?:recue?s?|receptionnee?s?|enregistree?s?|\
      transmise?s?|parvenue?s?)\b
    \b(?:recibid\w+|registrad\w+|abiert\w+|cread\w+|recebid\w+|abert\w+|criad\w+|encaminhad\w+)\b|\b(?:ricevut\w+|\
      registrat\w+|protocollat\w+|inoltrat\w+|in carico)\b|\b(?:ontvangen|geregistreerd|aangemaakt)\b|\
      \b(?:otrzym\w+|zarejestr\w+|przyjet\w+|przekazan\w+|prijat\w*|zaevid\w+|zaregistr\w+|obdrz\w+|megkap\w+|\
      rogzit\w+|primit\w*|inregistrat\w*)\b
    \b(?:alin\w+|kayd\w+|kayit\w*|iletil\w+|olustur\w+|ulas\w+)\b|получ\w+|зарегистр\w+|принят\w*|поступи\w+|\
      отриман\w+|зареєстр\w+|\b(?:mottag\w+|tagit emot|registr\w+|skapat\w*|opprettet|oprettet|modtag\w+|mottatt|\
      vastaanot\w+|kirjattu|luotu)\b|ληφθ\w+|λαβαμε|получен\w*
    受け?付|受信|承り|受領|収到|收到|受理|접수|수신|استلام|התקבל|נקלט
    \b(?:apert[oa]|creee?s?|acil\w+|iletildi|oprettet|opprettet|otvoren\w*|vytvoren\w*)\b|створен\w*|создан\w*
    """
)

# That it was the reader's.
YOURS = shape(
    r"""
    \byours?\b|\b(?:ihr(?:e[nrms]?)?|dein(?:e[nrms]?)?)\b|\b(?:votre|vos|ta|ton)\b|\b(?:su|sus|tu|tus)\b|\b(?:sua|\
      seu|suas|seus|suo|suoi|tua|tuo|vostr\w+|teu)\b|\b(?:uw|je|jouw)\b|\b(?:panstwa|twoj\w*|twoje|pana|pani)\b|\
      \bvas\w{0,4}\b|\b\w+n[iu]z(?:[iu]|a|e|[iu]n)?\b|\bmit dem betreff\b|\bwith (?:the )?subject\b|\
      \bavec (?:l'objet|le sujet)\b|\bcon (?:l')?(?:asunto|oggetto)\b|ваш\w*|твое\w*|\b(?:ditt|din|dina|er|ert|\
      deres)\b|σας|您|お客様|お問い?合わ?せ|貴|고객님|문의하신|رسالتك|طلبك|פניי?תך
    """
)
