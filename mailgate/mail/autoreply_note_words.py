"""The sentences of notes that a mailbox sends by itself: answers come later, the person has left, nobody reads this.

Takes squeezed text (`fold.squeeze`); gives compiled expressions. Promises: every gap is bounded, so that a search is
linear; nothing here decides anything: people write such sentences too, `autoreply_notes` wants them in pairs.
"""

from __future__ import annotations

from mailgate.mail.autoreply_shape import shape

# That somebody is away, or that an office is closed, with room for a few words.
AWAY = shape(
    r"""
    \b(?:i am|i'm|i will be|i'll be|currently|we are|we're|we will be) (?:\w+ ){0,2}(?:on|out of|away on|attending|\
      at|in) (?:[\w-]+ ){0,3}(?:leave|holidays?|vacation|sabbatical|town|country|state|conference|training|surgery|\
      hospital|meetings|retreat|honeymoon)\b
    \b(?:office|offices|practice|shop|company|business|branch|studio|school|store|clinic|department|campus|\
      university|city hall) (?:\w+ ){0,3}(?:is|are|will be|remains?|closes) (?:\w+ )?closed
    \b(?:praxis|buro|geschaft|kanzlei|betrieb|laden|geschaftsstelle|sekretariat|unternehmen|\
      firma)\w* (?:[\w.-]+ ){0,8}geschlossen|\bbleibt (?:[\w.-]+ ){0,8}geschlossen|\
      \bhaben (?:\w+ )?(?:betriebsferien|betriebsurlaub|urlaub)\b|\bwegen (?:\w+ )?urlaub
    \b(?:bureau|bureaux|cabinet|agence|magasin|entreprise|societe|etude|services?|\
      secretariat)(?: \w+){0,4} (?:ferme|fermee|fermes|fermees)\b|\b(?:studio|ufficio|uffici|azienda|negozio|\
      segreteria)(?: \w+){0,4} chius[oaie]\b|\b(?:oficina|oficinas|empresa|tienda|despacho|escritorio|\
      loja)(?: \w+){0,5} (?:cerrad|fechad)[oa]s?\b
    \b(?:kantoor|winkel|praktijk|bedrijf)(?: \w+){0,4} gesloten|\b(?:holder|har|pa|er pa|\
      ar pa) (?:\w+ )?\w*(?:ferie|semester)\b|\b\w*lomalla\b|\b(?:ofis|isyeri|sirket|firma)\w* (?:\w+ ){0,4}kapali
    \b(?:je suis|je serai|serai|suis) (?:actuellement |\w+ )?(?:en|absente?s?) (?:\w+ )?(?:conges?|vacances|\
      deplacement|arret|formation|conge maternite|jusqu)|\b(?:ich bin|bin ich|bin) (?:[\w.-]+ ){0,6}(?:urlaub|\
      abwesend|elternzeit|dienstreise|mutterschutz|krankgeschrieben|unterwegs)
    \b(?:i'm|i am|we're) (?:\w+ )?(?:in the field|off the grid|off grid|offline|unreachable|unavailable|off work|\
      off sick|not (?:at work|working|available|in (?:the office )?(?:on|today))|on a (?:cruise|trip|course|boat|\
      plane))\b|\bi (?:only )?work (?:part[- ]?time|mondays|tuesdays|wednesdays|thursdays)
    \b(?:verreist|nicht besetzt|krankgeschrieben|dienstreise|nicht zu erreichen|nicht erreichbar)\b|\
      \barbeite (?:in )?teilzeit|\b(?:har|er i) permisjon|\b(?:tjanstledig|barnledig|foraldraledig|bortrest|\
      bortrejst|sjukskriven|sykmeldt|sygemeldt|virkavapaalla|aitiyslomalla|vanhempainvapaalla|sairauslomalla|\
      opintovapaalla)\b
    \bde licencia\b|\bde baja\b|\bfuera de la ciudad|\bem licenca|\blicenca (?:medica|maternidade)|\bin congedo|\
      \bin malattia|\bin trasferta|\bin maternita|\bmet (?:zwangerschaps|ouderschaps)?verlof|\bop (?:zaken)?reis\b|\
      \bizninde\w*|\btatil\w* nedeniyle|\bresmi tatil|\bseyahatte|\bna (?:zwolnieniu|delegacji|macierzynskim)|\
      \bmaterske|\bsluzebni ceste
    (?:в декрете|на больничном|в командировке|меня замещает|мене заміщ)|夏季休業|年末年始|休暇を取|出張(?:中|\
      のため)|休(?:假|年假|产假)|出差(?:中|在外)?|휴무|연차|אחזור|בחו"ל|في مهمة
    """
)

# That mail is not read for now, or answered later.
LATER = shape(
    r"""
    \b(?:no|limited|intermittent|little|sporadic|restricted|infrequent|without|irregular|reduced|poor|not have|\
      unreliable|only occasional) (?:[\w-]+ ){0,3}access
    \b(?:won't|will not|not|only|be only|rarely|occasionally|periodically|sporadically|intermittently|infrequently|\
      never) (?:be )?(?:\w+ ){0,2}(?:check|read|monitor|access|answer|reply to|respond to)(?:ing|\
      ed)? (?:\w+ ){0,3}(?:e-?mail|mail|message|inbox|voice)
    \b(?:e-?mails?|messages?|mailbox|inbox|account) (?:\w+ ){0,4}(?:not|won't|only) (?:be )?(?:\w+ )?(?:monitored|\
      read|checked|forwarded|answered|accessed)
    \b(?:repl|respon|answer|get back|read|deal|attend|follow up|contact|in touch)\w* (?:[\w,'-]+ ){0,9}?(?:when|\
      upon|on|after|once|as soon as|until|following) (?:i|my|we|our|the office) ?(?:\w+ )?(?:return|get back|\
      am back|are back|'m back|'re back|back|come back|reopen)
    \b(?:reading|checking) (?:my )?e-?mails? (?:only )?(?:sporadic|irregular|infrequent|occasional|intermittent)|\
      \bonly sporadically\b|\bslow(?:er)? (?:to respond|in responding|to reply|responding)|\b(?:response|reply|\
      replies|responses) (?:may|will|might|could) be (?:\w+ )?(?:delayed|slow|slower|limited)|\bdelays? in (?:my|\
      our) (?:response|reply)
    \b(?:upon|on|after|until) my return\b|\bwhen i(?:'m| am)? (?:get |come )?(?:back|return)|\
      \bonce i(?:'m| am)? (?:get |come )?(?:back|return)|\bin my absence\b|\bwhile i(?:'m| am) (?:away|out|gone|on)
    \b(?:e-?)?mails? (?:\w+ ){0,6}(?:nicht|kaum|nur \w+|erst|weder) (?:\w+ ){0,4}(?:gelesen|weitergeleitet|\
      bearbeitet|beantwort\w+|abgerufen|lesen|abrufen)|\b(?:lese|bearbeite|beantworte|checke) (?:\w+ ){0,4}(?:keine|\
      nicht|erst|nur)\b|\bkeine (?:e-?)?mails? (?:\w+ )?(?:lesen|abrufen|bearbeiten|empfangen)
    \b(?:kein|keinen|keinerlei|eingeschrankt\w*|begrenzt\w*|beschrankt\w*|nur bedingt) (?:\w+ ){0,2}zugriff|\
      \bnach (?:meiner|unserer|der) ruckkehr|\bnach meinem urlaub|\bmelde mich (?:\w+ ){0,4}(?:nach|danach|sobald|\
      ab|wieder)|\bnicht weitergeleitet|\bantwort\w* (?:\w+ ){0,4}(?:nach|erst|sobald)\b|\
      \bwahrend meiner abwesenheit|\bmeine vertretung
    \b(?:pas|plus|peu|sans|aucun|n'aurai|aurai qu'un) (?:\w+ ){0,2}(?:acces|consult\w+|relev\w+) |\
      \bacces (?:tres )?(?:limite|restreint|reduit)|\b(?:a|des|apres) (?:mon|notre|son) retour|\bne (?:seront|\
      sera) pas (?:lu|traite|transfere|consulte|releve)|\bpendant (?:mon|cette) absence|\bne consulte (?:pas|plus)|\
      \bje (?:vous repondrai|traiterai|prendrai connaissance)
    \b(?:sin|no tendre|no tengo|no tendremos|poco|tendre) (?:\w+ ){0,2}acceso|\bacceso (?:muy )?(?:limitado|\
      restringido)|\ba mi (?:regreso|vuelta|retorno|reincorporacion)|\bcuando (?:regrese|vuelva|me reincorpore|\
      retorne)|\bno (?:leere|revisare|podre (?:leer|responder|contestar|atender))|\bdurante mi ausencia|\
      \ben mi ausencia
    \b(?:sem|nao terei|nao tenho|pouco) (?:\w+ ){0,2}acesso|\bacesso (?:muito )?(?:limitado|restrito|reduzido)|\
      \b(?:no meu|ao meu|quando|assim que|apos o meu|apos meu|apos o) (?:eu )?(?:regress|retorn|volt)|\
      \bnao (?:lerei|verificarei|estarei (?:a )?(?:lendo|verific|consult|ler))|\b(?:na|durante a|\
      durante) minha ausencia
    \b(?:non avro|senza|non ho|non potro avere) (?:\w+ ){0,2}accesso|\baccesso (?:limitato|ridotto)|\bal (?:mio|\
      nostro) (?:rientro|ritorno)|\b(?:alla|dopo la) riapertura|\bnon (?:leggero|potro (?:leggere|rispondere)|\
      saranno lett|verranno lett|sara lett|verra lett)|\bin mia assenza|\bdurante la mia assenza|\bsaranno (?:lett|\
      evas)e
    \b(?:geen|beperkt\w*|nauwelijks) (?:\w+ ){0,2}toegang|\b(?:mail|e-?mails?|berichten|\
      bericht)(?: \w+){0,5} niet (?:\w+ ){0,2}(?:gelezen|doorgestuurd|beantwoord|bekeken)|\
      \blees (?:\w+ ){0,3}(?:geen|niet)|\b(?:bij|na) (?:mijn|onze) (?:terugk|vakantie)|\btijdens mijn afwezigheid|\
      \bweer bereikbaar
    \berisim\w* (?:\w+ ){0,3}(?:kisitli|sinirli|olmayacak|yok|bulunma)|\b(?:kisitli|sinirli) (?:\w+ ){0,3}erisim|\
      \bdondugumde|\bdonusumde|\bdonusumle|\bgeri dondugumde|\b(?:posta|mail|mesaj)\w* (?:\w+ ){0,3}(?:kontrol ed|\
      okuyama|bakam|yanitlaya|cevaplaya|gec)\w*
    \bpo (?:moim |urlopie|powrocie)|\b(?:ograniczon\w+|brak|bez|nie mam|nie bede mial\w?) (?:\w+ ){0,2}dostep|\
      \bnie (?:odczytuje|sprawdzam|bede (?:odczytyw|sprawdz|odpowiad))|\bpod moja nieobecnosc|\
      \bpodczas mojej nieobecnosci
    \bpo (?:svem |mem |mojom |svojom )?navrat|\bpo dovolen|\b(?:nemam|omezen\w+|bez|nebudu mit|obmedzen\w+|\
      nebudem mat|mam omezeny) (?:\w+ ){0,2}pristup|\bnebud[ue]m? (?:cist|vyrizovat|odpovid|citat|kontrolovat)|\
      \bv dobe me nepritomnosti
    \bvisszateres|\bvisszaerkez|\bvisszajov|\b(?:leveleimet|emailjeimet|e-mailjeimet|uzeneteimet|\
      e-mailjeim) (?:\w+ ){0,3}(?:nem|csak|korlatoz)|\bnem (?:olvaso?m|tudok valaszol|ferek hozza|erem el|tudom)|\
      \btavolletem
    \b(?:nu am|fara|nu voi avea) (?:\w+ ){0,2}acces|\bacces limitat|\bla (?:intoarcere|revenire|intoarcerea|\
      revenirea)|\bin lipsa mea|\bin absenta mea
    (?:нет|не имею|не будет|без|ограничен\w*) (?:\w+ ){0,2}доступ|доступ\w* (?:\w+ ){0,3}(?:ограничен|нет|отсутств)|\
      (?:после|по) (?:моего |своего )?(?:возвращени|выход|отпуска)|не смогу (?:\w+ )?(?:отве|прочит|чита)|\
      не (?:проверя|чита)ю|отвечу (?:\w+ ){0,4}(?:после|по|когда)|моего отсутстви|мое отсутствие
    (?:немає|не маю|не матиму|обмежен\w*) (?:\w+ ){0,2}доступ|після (?:мого |свого )?(?:поверненн|відпустк)|\
      не зможу відпов|моєї відсутност
    \blaser (?:\w+ ){0,3}(?:inte|ej)\b|\binte (?:\w+ ){0,3}(?:laser|tillgang|lasa|svara)|\bbegransad|\
      \bnar jag (?:ar|kommer) (?:tillbaka|ater)|\befter (?:min )?(?:semester|ledighet)|\bunder min franvaro
    \b(?:laeser|leser|tjekker|sjekker) (?:\w+ ){0,3}ikke|\bikke (?:\w+ ){0,3}(?:laese|lese|lest|laest|adgang|\
      tilgang)|\bnar jeg (?:er|kommer) tilba|\bbegraenset|\bbegrenset|\bi mit fravaer|\bunder mitt fravaer|\
      \befter ferien|\better ferien
    \b(?:en|enka|ei|eika) (?:\w+ ){0,2}(?:lue|lueta|paase|seuraa)|\bpalattuani|\bpaluuni jalkeen|\
      \bloman(?:i)? jalkeen|\bpoissaoloni aikana|\bpo (?:mojem )?povrat\w+|\bpo vrnitvi|\bneman pristup|\
      \bnimam dostopa
    δεν (?:\w+ ){0,2}(?:εχω|διαβαζω|ελεγχω)|περιορισμενη|επιστροφη μου|οταν επιστρεψω|απουσια μου|(?:няма|\
      нямам) (?:\w+ ){0,2}достъп|ограничен достъп|след завръщане|(?:tagasi joudes|naasmisel|atgriezoties|grizes|\
      grizusi)
    (?:返信|回答|対応|連絡|確認)(?:は|が|も|を)?[^。]{0,24}(?:以降|後|遅|明け|できません|いたしかね|できない)|\
      戻り次第|返信が遅|(?:以降|後)に(?:改めて|ご返信|返信|ご連絡|回答|対応)|休み明け|出社後|帰社後
    (?:无法|不能|無法|不便|未能)(?:及时|及時|立即|即时|第一时间|亲自)?(?:查看|查阅|回复|回覆|处理|收发|查閱|處理|\
      阅读|接收)|(?:回来|返回|回來|休假结束|假期结束|上班|回到办公室|返回办公室)(?:后|後|之后|以后)|\
      收到.{0,12}后.{0,8}回复
    (?:복귀|돌아온|휴가|출근)(?:한)? ?(?:후|뒤|이후|하는)|(?:회신|답변|확인)(?:이|은|을)? ?(?:다소 )?(?:지연|늦|\
      어려|불가|드리기)
    (?:عند|بعد|حين) (?:عودتي|العودة)|وصول محدود|لن اتمكن|كשאחזור|כשאחזור|עם שובי|לאחר שובי|בחזרתי|גישה מוגבלת
    sau khi (?:toi )?(?:tro|quay) lai|han che|(?:setelah|saat) (?:saya )?kembali|akses terbatas|กลับมา(?:แล้ว)?|\
      ไม่สามารถ(?:ตอบ|เข้าถึง)
    \bne (?:consulterai|lirai|pourrai) (?:pas|plus|que)\b|\bla posta in modo|\bsaltuari|\bde forma (?:esporadica|\
      intermitente|ocasional)|\besporadicamente|\b(?:posta|mail)\w* (?:\w+ )?gec (?:donus|yanit|cevap)|\
      \btatil donusu|\bizin donusu|\bdonuste\b|\berst (?:danach|dann|ab|nach|am|wieder)\b|\b(?:little|\
      no) or no (?:internet|access|signal)|\bresponderei (?:\w+ ){0,3}(?:logo|assim|apos|quando)|\b(?:napokon|-en|\
      -an|-jen|-jan) tudok valaszol\w+|回复可能|不及时
    """
)

# That somebody has left for good.
LEFT = shape(
    r"""
    \b(?:is |are |am )?no longer (?:works?|working|with|employed|part of|an employee|associated|affiliated|at|\
      in the employ|employee)\b|\b(?:has|have|had) (?:now |recently |since )?(?:left|departed|retired|moved on|\
      resigned)\b(?! (?:a|you|me|it|us)\b)|\bleft (?:the company|the firm|the organi[sz]ation|our company|\
      the university|my position)|\bmy last day (?:at|with|was)|\b(?:doesn't|does not|don't) work (?:here|at|\
      for) (?:\w+ ){0,3}(?:any ?more|any longer)|\bhas passed away
    \bnicht mehr (?:im unternehmen|im haus|in unserem|in unserer|bei uns|bei der|fur|bei|teil|mitarbeiter|\
      beschaftigt|tatig)|\barbeitet (?:ab sofort |seit \S+ )?nicht mehr|\b(?:ausgeschieden|unser haus verlassen|\
      unternehmen verlassen|im ruhestand|in den ruhestand|in rente)\b
    \bne (?:fait|font|fais) plus partie|\bne travaille(?:nt)? plus|\ba quitte (?:la societe|l'entreprise|\
      ses fonctions|notre|son poste|le groupe|l'etablissement)|\bplus en poste|\bai quitte (?:la|l'|mes|mon)|\
      \bparti(?:e)? (?:a|en) (?:la )?retraite|\bn'est plus (?:en fonction|salarie|dans|parmi|joignable)
    \bya no (?:trabaja|forma parte|labora|colabora|pertenece|trabajo|formo parte|presta)|\bha dejado (?:de trabajar|\
      la empresa|de formar)|\bno (?:trabaja|labora) (?:mas|ya)|\bnao (?:trabalha|faz parte|integra|colabora|\
      pertence|trabalho|faco parte) mais|\bja nao (?:trabalha|faz parte|colabora|integra|exerce)|\bmais (?:trabalha|\
      faz parte)
    \bnon (?:lavora|fa|e|collabora|lavoro|faccio) piu (?:parte |presso |con |alle |in |dipendente|qui|per )?|\
      \bha lasciato (?:l'azienda|la societa|l'incarico)|\b(?:niet meer|niet langer) (?:werkzaam|in dienst|bij ons)|\
      \b(?:werkt|werk) (?:niet meer|niet langer)|\buit dienst|\bheeft (?:\w+ ){0,4}verlaten
    \b(?:sirketimizden|firmamizdan|kurumumuzdan|gorevinden|gorevimden|isten|isinden|bunyemizden|sirketten|kurumdan|\
      aramizdan) (?:\w+ )?ayril|\bartik (?:\w+ ){0,5}calis\w*m|\bcalismamaktad|\bcalismiyor
    \b(?:nie pracuje|juz nie pracuj|nie jest juz|zakonczy\w+ wspolprac)|\b(?:jiz|uz) (?:\w+ )?(?:nepracuj|\
      neni zamest|nepusobi)|\bmar nem (?:dolgoz|munkatars)|\bnu mai (?:lucr|face parte|este angajat)
    больше не работа|не работает (?:больше|в нашей)|уволил(?:ся|ась)|более не работа|(?:більше|вже) не працю|\
      звільни(?:вся|лася)
    \b(?:arbetar|jobbar) inte langre|\bhar slutat|\binte langre (?:anstalld|kvar)|\bikke (?:laengere|lenger|\
      laenger) (?:ansat|ansatt|i |hos)|\b(?:har sluttet|er fratradt|er sluttet|har slutta|har forladt)|\bei (?:ole |\
      tyoskentele )enaa|\bvise ne radi|\bne radi vise|\bni vec zaposlen
    δεν εργαζεται (?:πλεον|πια)|вече не работи|לא עובדת? (?:יותר|עוד)|אינו עובד|لم يعد (?:يعمل|موظف)|退職(?:いた|し|\
      致)|(?:已|已经|已經)(?:从|從|于|於|在)?[^。，]{0,12}(?:离职|離職)|不再(?:任职|在|于)|퇴사|khong con lam viec|\
      sudah tidak bekerja|ไม่ได้ทำงาน
    \bhat (?:unser|das) (?:unternehmen|haus)(?: \S+){0,4} verlassen|\bhabe (?:das unternehmen|\
      die firma)(?: \S+){0,4} verlassen|\bj'ai quitte\b|\bemekli (?:ol|oldu)|\b(?:przeszedl|przeszla) na emeryture|\
      \bvyugdijba|\bна пенси|\bhe dejado (?:la empresa|de trabajar)|\bdeixei a empresa|\bho lasciato (?:l'azienda|\
      la societa)
    \b(?:\w+'s|his|her) last day (?:at|with|was)|\bhas ceased (?:trading|operations|to exist)|\
      \bfait valoir ses droits|\bvotre interlocuteur est desormais|\bihr neuer ansprechpartner
    """
)

# That nobody reads the mailbox, or that the address is given up.
CLOSED = shape(
    r"""
    \b(?:mailbox|inbox|(?:e-?mail )?address|(?:e-?mail )?account|e-?mail|mail box|\
      e-?mail box) (?:[\w.@+-]*\w ){0,4}(?:is|are|has been|was|will be|isn't) (?:currently |now )?(?:no longer|not|\
      un)[ -]?(?:being |actively |regularly |currently )?(?:monitored|in use|active|used|read|checked|valid|\
      attended|manned|staffed|available|in service|supported|deactivated|accept\w*)
    \b(?:mailbox|inbox|address|account) (?:[\w.@+-]*\w ){0,3}(?:has been|was|will be|is being|is) (?:closed|\
      deactivated|discontinued|retired|decommissioned|shut down|disabled|changed|unmonitored|unattended)|\
      \b(?:an )?(?:unmonitored|unattended|unmanned|inactive|outgoing-only|outbound-only|send-only) (?:e-?mail |\
      mail )?(?:mailbox|inbox|address|account|box)|\bno longer (?:use|using|check|monitor|read|checking|\
      monitoring) (?:this|the) (?:\w+ )?(?:address|account|mailbox|inbox|e-?mail|mail)|\b(?:i|\
      we) (?:have )?(?:changed|moved to) (?:to )?(?:my|our|a) new (?:e-?mail )?address
    \b(?:my|our) (?:new )?e-?mail address (?:has changed|is now|is:|has been changed)
    \b(?:postfach|adresse|e-?mail-?adresse|mailadresse|mailbox|konto|mail-adresse) (?:[\w.@+-]*\w ){0,3}(?:wird|ist|\
      wurde) (?:\w+ )?(?:nicht mehr|nicht|nur|deaktiviert|abgeschaltet|ungultig|stillgelegt|\
      geschlossen) ?(?:\w+ )?(?:gelesen|verwendet|benutzt|abgerufen|genutzt|bearbeitet|uberwacht|gultig|aktiv|\
      erreichbar|in betrieb|betreut|existent|versand)?
    \b(?:adresse|boite|messagerie|compte|bal)(?: [\w.@+'-]+){0,4} n'est (?:plus|pas) (?:utilisee?|active?|\
      consultee?|valide|relevee?|surveillee?|en service|lue|geree?|suivie?)|\bcette (?:adresse|\
      boite)(?: [\w.@+'-]+){0,4} (?:a ete supprimee|est desactivee|a change)
    \b(?:direccion|buzon|cuenta|correo|casilla)(?: [\w.@+-]+){0,5} (?:ya )?no (?:esta|se|es|sera|\
      existe) (?:\w+ )?(?:activ|utiliz|usa|en uso|revisa|monitore|lee|atend|monitoriz|valid|operativ)|\
      \b(?:direccion|buzon|cuenta|correo) (?:ya )?no se (?:revisa|lee|atiende|utiliza|monitorea)
    \b(?:endereco|caixa|conta|e-?mail)(?: [\w.@+-]+){0,5} (?:nao|ja nao) (?:esta|e|se|\
      sera) (?:mais )?(?:\w+ )?(?:ativ|utiliz|usad|em uso|monitor|lid|valid)|\b(?:indirizzo|casella|\
      account)(?: [\w.@+-]+){0,5} non e (?:piu |attualmente |)(?:attiv|utilizzat|in uso|presidiat|monitorat|lett|\
      valid|abilitat|operativ)
    \b(?:e-?mail-?adres|adres|mailbox|postvak|account)(?: [\w.@+-]+){0,3} (?:is|wordt) (?:niet (?:meer|langer)|\
      niet) (?:\w+ )?(?:in gebruik|gelezen|gebruikt|actief|bekeken|geldig|gemonitord)
    \b(?:adres\w*|posta kutusu|e-?posta adres\w*|mail adres\w*|hesap|hesabi) (?:\w+ ){0,2}(?:artik )?(?:kullanilma|\
      aktif degil|takip edilm|kullanim disi|kapatil|kontrol edilm|gecerli degil)|\bartik (?:bu )?(?:adres|e-?posta|\
      hesap|mail)\w* (?:\w+ )?kullan\w*m
    \b(?:adres|skrzynka|konto)(?: [\w.@+-]+){0,3} (?:nie jest|jest|zostal\w?) (?:juz )?(?:\w+ )?(?:uzywan|aktywn|\
      obslugiwan|monitorowan|nieaktywn|zlikwidowan|odczytywan)|\b(?:adresa|schranka|ucet)(?: [\w.@+-]+){0,3} (?:jiz|\
      uz|neni|nie je|byla) (?:\w+ ){0,2}(?:pouziv|aktivn|funkcni|cten|zrusen|sledovan)|\bez a(?:z e-?mail)? ?(?:cim|\
      postafiok|fiok)\w* (?:mar |megszunt|nem)
    (?:адрес|ящик|почта)(?: [\w.@+-]+){0,3} (?:больше |уже )?не (?:использ|обслуж|провер|чита|актив|работа|действ|\
      просматр)|(?:адреса|скринька)(?: [\w.@+-]+){0,3} (?:більше |вже )?не (?:використов|перевір|чита|актив)
    \b(?:adressen?|brevladan?|inkorgen|e-?postadressen|postkassen?|mailadressen|mailboksen|sahkopostiosoite|osoite|\
      postilaatikko)(?: [\w.@+-]+){0,3} (?:anvands|ar|laeses|er|brukes|benyttes|leses|overvakes|overvages|ei ole|\
      bevakas|lases)(?: \w+)? (?:inte|ikke|enaa|ej|nedlagt|kaytossa|inaktiv|stengt|lukket)
    (?:メールアドレス|アドレス)は(?:、)?[^。]{0,20}(?:使用しておりません|使われておりません|使用していません|\
      利用できません|廃止|停止|変更)|(?:邮箱|郵箱|邮箱地址)(?:已)?(?:不再使用|停用|停止使用|无人)|\
      사용하지 않는 (?:메일|이메일)|더 이상 사용
    \b(?:address|mailbox|account) (?:\w+ ){0,5}(?:does not|doesn't|cannot|can't) (?:accept|receive)|\
      \bi have a new e-?mail address|\bmail (?:\w+ ){0,5}this (?:address|mailbox|account) will not be|\
      \bmailbox is not being
    """
)

# Where the letter should go instead: a verb of turning to, an address or a telephone number.
ELSEWHERE = shape(
    r"""
    [\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}|https?://|\bwww\.|\+?\d[\d /().-]{6,20}\d
    \b(?:please|kindly|should|can|may) (?:now |instead |be )?(?:contact|direct|send|sent|forward|e-?mail|use|\
      address|reach|get in touch|write|call|refer|update)|\bbitte (?:\w+ ){0,3}(?:wenden|senden|richten|kontaktier|\
      verwenden|nutzen|schicken|schreiben)|\bwenden sie sich|\bvertretung\b|\b(?:merci de|veuillez|priere de|\
      vous pouvez)|\b(?:contact[ea]r?|dirij\w+|escrib\w+|envi[ea]\w*|dirigirse|comuni\w+|ponerse en contacto)\b|\
      \b(?:contattare|rivolgersi|inviare|scrivere|utilizzare|contatti)\b|\b(?:neem|stuur|mail (?:naar|dan)|richt|\
      gebruik|contact opnemen)\b
    \b(?:ulasa|ulasin|kullana|kullanin|iletisim|basvur|yonlendir|gonder)|\b(?:prosze|prosimy|kontakt|kontaktuj|\
      kontaktovat|obracejte|obratte|keresse|forduljon|irjon|contactati|adresati|kontakta|kontakte|vand dig|henvend|\
      skriv|ota yhteytta|ottakaa|yhteytta)|(?:обращ|\
      (?<!под)(?<!за)(?<!вы)пиш|направ|свяж|звон|звер|зателеф|επικοινων|апел|свърж|ご連絡|\
      までお願い|宛|请联系|联系|聯絡|聯繫|연락|문의|התקשר|לפנות|פנו|التواصل|الاتصال|lien he|hubungi|ติดต่อ)
    \b(?:message|e-?mail|mail) (?:has been|will be|was|is being) (?:\w+ )?(?:forwarded|redirected|passed)|\
      \b(?:contact|reach|ping|phone|ring|call|email|text) (?:\w+ ){1,3}(?:at|on|via|by|for|in)\b|\bmy (?:colleague|\
      assistant|deputy|manager|supervisor|cover)|\b(?:wird|werden) (?:automatisch )?weitergeleitet|\b(?:ubernimmt|\
      vertritt|vertreten|vertretung|vertreter)\b|\b(?:joindre|remplac\w+|s'adresser)\b|\b(?:sijaise\w+|sijaisen\w+|\
      vikar\w*|stedfortreder|замеща\w+|заміщ\w+|zastepuje|zastupuje|helyettes\w+|plaatsvervanger|sostitui\w+|\
      sustitu\w+|substitu\w+|irtibat\w*|yonelt\w*|rettes til|kan rettes)
    """
)
