"""What stands around a help desk's acknowledgement: hints, the ticket's fields, commerce that makes it none, its subject.

Takes squeezed text (`fold.squeeze`); gives compiled expressions. Promises: every gap is bounded, so that a search is
linear; nothing here decides anything: `autoreply_desk` counts.
"""

from __future__ import annotations

from mailgate.mail.autoreply_shape import shape

# What else such letters hold: where to look meanwhile, when the office is open, and the ticket's own fields.
BESIDES = shape(
    r"""
    \b(?:help cent(?:er|re)|knowledge base|faqs?|our website|web ?site|in the meantime|meanwhile|working hours|\
      office hours|business hours|opening hours|our hours|volume|number of (?:messages|e-?mails|enquiries|requests)|\
      hundreds of|large number|high demand|longer than usual|delays?)\b|https?://|\bwww\.
    \b(?:the )?details of your|^(?:subject|summary|priority|status|department|title|titre|demandeur|statut|asunto|\
      prioridad|estado|description|betreff|prioritat|ticket|case|request|requester|created|category)\b ?(?:url|id|\
      no)? ?:
    \b(?:offnungszeiten|servicezeiten|burozeiten|erreichen sie uns|aufkommens?|ruckfragen|heures d'ouverture|\
      horaires|notre site|horario|nuestra (?:pagina|web)|sito|orari|openingstijden|onze website|calisma saat|\
      web site|mesai saat|konu satir|csak munkanap)
    \b(?:please|kindly|bitte|lutfen) (?:make sure|ensure|note|allow|include|keep|quote|mention|refrain|do not|\
      be patient|see|visit|bear with)|\bif you are\b|\bif your (?:message|query|enquiry|request)|\bany (?:questions|\
      queries)
    ^[\w ]{2,24}: ?\S.{0,60}$
    """
)

# Words of commerce: what a shop confirms is not an answer to a letter.
COMMERCE = shape(
    r"""
    \byour (?:\w+ )?(?:order|payment|purchase|booking|reservation|donation|registration|subscription|application|\
      resume|cv|return|refund|shipment|parcel|transfer|deposit|appointment)\b
    \b(?:order (?:number|no|confirmation|total)|tracking number|invoice|amount due|total:|subtotal|check-?in|\
      transaction id)\b
    \b(?:bestellung|zahlung|buchung|reservierung|bewerbung|uberweisung|lieferung|rechnungsbetrag|auftrag)\b
    \b(?:commande|paiement|reservation|candidature|livraison|facture)\b|\b(?:pedido de compra|su pedido|tu pedido|\
      su pago|su compra|reserva|factura|suscripcion)\b
    \b(?:seu pedido|sua compra|seu pagamento|sua encomenda|reserva|fatura)\b|\b(?:ordine|pagamento|acquisto|\
      prenotazione|fattura|spedizione)\b
    \b(?:bestelling|betaling|boeking|reservering|sollicitatie|factuur)\b|\b(?:siparis|odeme|rezervasyon|fatura|\
      kargo takip)
    \b(?:zamowieni|platnosc|rezerwacj|objednavk|platb|rendeles|fizetes)|(?:заказ|оплат|платеж|бронирован|замовлен)
    \b(?:bestallning|betalning|bokning|bestilling|betaling|ordre|tilaus|maksu|varaus)|ご注文|ご予約|お支払|订单|\
      付款|訂單|주문|결제|예약
    \b(?:reset|change|forgot) (?:your )?password|\bpassword reset|\bverification code|\bsecurity code|\bverify your|\
      \bconfirm your (?:e-?mail|address|account|subscription|registration)|\bdid not (?:request|make|initiate)|\
      \bdidn't (?:request|make)|\bsigning up\b|\bunsubscribe\b|\bpasswort (?:zuruck|vergessen)|\
      \bsifre(?:nizi)? (?:sifirla|yenile)
    """
)

# What such letters are called.
SUBJECT = shape(
    r"""
    \b(?:request|ticket|message|inquiry|enquiry|e-?mail|case) (?:\S{1,30} )?(?:received|created|opened|logged|\
      acknowledged|has been (?:received|created|opened|logged))|\bopened on your behalf
    \b(?:received|got) your (?:\w+ ){0,2}(?:message|e-?mail|request|inquiry|enquiry|ticket|question|query|feedback)|\
      \backnowledge?ment\b|\backnowledging\b
    \bthank(?:s| you) for (?:contacting|writing|reaching|getting in touch|your (?:\w+ )?(?:message|e-?mail|inquiry|\
      enquiry|request|query|feedback|report))
    \bauto-?(?:reply|response|acknowledge?ment)\b|\bautomatic (?:reply|response|confirmation|acknowledge?ment)|\
      \bconfirmation of receipt|\breceipt confirmation
    \byour (?:\w+ )?(?:message|request|inquiry|enquiry|e-?mail|support request|question) (?:to|at|with|has)\b|\
      ^your (?:\w+ )?(?:message|request|inquiry|enquiry|e-?mail|support request)$
    \b(?:anfrage|nachricht|ticket|e-?mail) (?:\S{1,30} )?(?:erhalten|eingegangen|erstellt|eroffnet)|\b(?:eingangs|\
      empfangs|zugangs)bestatigung|\bdanke? fur (?:ihre|deine)|\bihre (?:anfrage|nachricht|e-?mail|mitteilung)
    \b(?:demande|message) (?:bien )?(?:recue?|enregistree?)|\baccuse de reception|\bbien recu votre|\
      \bvotre (?:demande|message|courriel)|\bmerci (?:pour votre|de nous)
    \b(?:solicitud|mensaje|consulta|ticket) recibid[oa]|\bhemos recibido|\bacuse de recibo|\
      \bgracias por (?:contactar|su|tu|escribir|comunicar)
    \b(?:solicitacao|mensagem|pedido|chamado) (?:recebid|abert)[oa]|\brecebemos (?:o|a|seu|sua)|\bobrigado (?:por|\
      pelo)|\bconfirmacao de rece
    \bconferma (?:di )?(?:ricezione|ricevimento|presa)|\brichiesta (?:ricevuta|registrata|presa)|\
      \bgrazie per (?:aver|il|la)|\babbiamo ricevuto
    \bontvangstbevestiging|\bbedankt voor|\b(?:bericht|vraag|aanvraag) ontvangen|\bwij hebben uw
    \b(?:talebiniz|mesajiniz|basvurunuz|iletiniz|e-?postaniz|talep) (?:\S{1,30} )?(?:alin|kayded|olustur|ulas)|\
      \b(?:mesajinizi|talebinizi|e-?postanizi) ald|\btesekkur
    \bpotwierdzenie (?:otrzymania|przyjecia|zgloszenia|rejestracji)|\bzgloszenie (?:przyjete|zarejestrowane)|\
      \bdziekujemy za
    \bpotvrzeni (?:prijeti|o prijeti|doruceni)|\bpotvrdenie prijatia|\bvisszaigazolas|\buzenetet megkaptuk|\
      \bconfirmare primire
    (?:запрос|обращение|письмо|заявка|тикет|сообщение) (?:\S{1,30} )?(?:принят|получен|зарегистрирован|создан)|\
      подтверждение получения|спасибо за (?:обращение|ваше)|звернення (?:отримано|прийнято)
    \btack for (?:ditt|att)|\bta[ck]k for din|\bmottagningsbekraftelse|\bkvittering for|\bvi har (?:modtaget|\
      mottatt|tagit emot|mottagit)|\bkiitos (?:yhteyden|viesti)|\bvahvistus
    λαβαμε το|ευχαριστουμε|получихме|お問い?合わ?せ(?:いただき)?(?:を受|受付|ありがとう|の受付)|受付(?:完了|\
      のお知らせ)|ありがとうございます|自動返信|已收到|收到您|感谢您|접수|تم استلام|שקיבלנו|פנייתך
    уведомление о регистрации|\bnolu (?:basvuru|talep)|\bpotwierdzenie$|\bprotocolo\b|\bticket ?(?:id|#)|\[ticket|\
      \brequest id|\[#\w*\d|\bresposta automatica|\bconfirmacion de (?:recepcion|recibo)|\bautomatische eingangs
    """
)
