"""Every sentence that the pages say, in English and Turkish, in one table.

Takes a language and a key; gives the sentence with its names filled in. Promises: both languages have the same keys
(a test compares them); values are filled into our own sentences only.
"""

from __future__ import annotations

LANGUAGES = ("en", "tr")

_SENTENCES: dict[str, tuple[str, str]] = {
    # -- around every page
    "skip": ("Skip to the content", "İçeriğe geç"),
    "support": ("Support", "Destek"),
    "my_tickets": ("My tickets", "Biletlerim"),
    "sign_out": ("Sign out", "Oturumu kapat"),
    "signed_in_as": ("Signed in as {name}", "Oturum açan: {name}"),
    "problem": ("Please check the form", "Lütfen formu kontrol edin"),
    "navigation": ("Main", "Ana menü"),
    # -- signing in
    "sign_in": ("Sign in", "Oturum aç"),
    "sign_in_lead": ("See your tickets and answer them.", "Biletlerinizi görün ve yanıtlayın."),
    "who": ("E-mail address or user name", "E-posta adresi veya kullanıcı adı"),
    "password": ("Password", "Parola"),
    "no_password": ("No password, or forgotten?", "Parolanız yok mu, unuttunuz mu?"),
    "mail_me": ("Mail me a link", "Bana bağlantı gönder"),
    "link_over": (
        "That link is no longer valid. Sign in, and you will come to your ticket.",
        "Bu bağlantı artık geçerli değil. Oturum açın, biletinize yönlendirileceksiniz.",
    ),
    "sign_in_first": ("Sign in to see this page.", "Bu sayfayı görmek için oturum açın."),
    "files_need_password": (
        "Files are shown only after signing in with your password.",
        "Dosyalar yalnızca parolanızla oturum açtıktan sonra gösterilir.",
    ),
    "signed_out": ("You are signed out.", "Oturumunuz kapatıldı."),
    "wrong": (
        "The name or the password is not right. Try again, or ask for a link by mail.",
        "Ad veya parola doğru değil. Yeniden deneyin veya postayla bağlantı isteyin.",
    ),
    "need_who": ("Enter your e-mail address or user name.", "E-posta adresinizi veya kullanıcı adınızı girin."),
    "need_password": ("Enter your password.", "Parolanızı girin."),
    "password_set": (
        "Your new password is set. Sign in with it.",
        "Yeni parolanız kaydedildi. Onunla oturum açın.",
    ),
    # -- a link by mail
    "forgot": ("Get a link by mail", "Postayla bağlantı alın"),
    "forgot_lead": (
        "We send you a link to sign in and to set a new password. It is valid for one hour.",
        "Oturum açmanız ve yeni parola belirlemeniz için size bir bağlantı göndeririz. Bir saat geçerlidir.",
    ),
    "address": ("E-mail address", "E-posta adresi"),
    "need_address": ("Enter your e-mail address.", "E-posta adresinizi girin."),
    "send_link": ("Send the link", "Bağlantıyı gönder"),
    "forgot_sent": ("Look at your mail", "Postanıza bakın"),
    "forgot_sent_lead": (
        "If we know this address, a mail with a link is on its way. It may take a few minutes; look in the spam folder, too.",
        "Bu adresi tanıyorsak, bağlantı içeren bir posta yolda. Birkaç dakika sürebilir; istenmeyen posta klasörüne de bakın.",
    ),
    "back_to_sign_in": ("Back to signing in", "Oturum açmaya dön"),
    # -- a new password
    "new_password": ("Set a new password", "Yeni parola belirleyin"),
    "for_whom": ("For {name}", "{name} için"),
    "password_rule": (
        "At least {count} characters. Several words are easier to remember than signs.",
        "En az {count} karakter. Birkaç kelime, işaretlerden daha kolay hatırlanır.",
    ),
    "password_new": ("New password", "Yeni parola"),
    "password_again": ("Repeat the password", "Parolayı tekrarlayın"),
    "too_short": (
        "The password is too short; it needs at least {count} characters.",
        "Parola çok kısa; en az {count} karakter olmalı.",
    ),
    "too_long": ("The password is too long.", "Parola çok uzun."),
    "is_name": (
        "The password must not be your address or your name.",
        "Parola, adresiniz veya adınız olamaz.",
    ),
    "not_same": ("The two passwords are not the same.", "İki parola aynı değil."),
    "save_password": ("Save the password", "Parolayı kaydet"),
    "or_without": ("Or go on without a password", "Veya parolasız devam edin"),
    "sign_in_once": ("Just sign me in", "Yalnızca oturum aç"),
    "link_dead": ("This link is no longer valid", "Bu bağlantı artık geçerli değil"),
    "link_dead_lead": (
        "It was used already, or it is too old. Ask for a new one.",
        "Daha önce kullanılmış veya süresi dolmuş. Yeni bir bağlantı isteyin.",
    ),
    # -- lists
    "no_tickets": ("There are no tickets yet.", "Henüz bilet yok."),
    "no_tickets_lead": (
        "Write to us by mail, and your ticket appears here.",
        "Bize e-posta yazın; biletiniz burada görünür.",
    ),
    "updated": ("Updated {date}", "Güncelleme: {date}"),
    "for_technicians": ("For technicians only", "Yalnızca teknisyenler için"),
    "no_subject": ("(no subject)", "(konu yok)"),
    # -- a ticket
    "ticket": ("Ticket {id}", "Bilet {id}"),
    "status": ("Status", "Durum"),
    "state:new": ("New", "Yeni"),
    "state:open": ("Open", "Açık"),
    "state:waiting": ("Waiting for you", "Yanıtınız bekleniyor"),
    "state:closed": ("Closed", "Kapalı"),
    "opened": ("Opened {date}", "Açılış: {date}"),
    "details": ("Details", "Ayrıntılar"),
    "conversation": ("Conversation", "Yazışma"),
    "you": ("You", "Siz"),
    "our_answer": ("Support", "Destek"),
    "earlier": ("Show earlier messages", "Önceki mesajları göster"),
    "latest": ("Back to the latest messages", "Son mesajlara dön"),
    "whole": ("Show the whole message", "Mesajın tamamını göster"),
    "files": ("Files", "Dosyalar"),
    "image": ("image", "resim"),
    "nothing_shown": ("There are no messages to show.", "Gösterilecek mesaj yok."),
    "answer": ("Answer", "Yanıtla"),
    "your_answer": ("Your answer", "Yanıtınız"),
    "reopens": (
        "This ticket is closed. Your answer opens it again.",
        "Bu bilet kapalı. Yanıtınız onu yeniden açar.",
    ),
    "follows_up": (
        "This ticket was closed some time ago. Your answer becomes a new ticket.",
        "Bu bilet bir süre önce kapatıldı. Yanıtınız yeni bir bilet olur.",
    ),
    "add_files": ("Add files", "Dosya ekle"),
    "files_rule": ("Up to {size} in all", "Toplam en çok {size}"),
    "send": ("Send", "Gönder"),
    "send_and_close": ("Send and close the ticket", "Gönder ve bileti kapat"),
    "empty": ("Write something, or add a file.", "Bir şeyler yazın veya dosya ekleyin."),
    "text_long": ("The text is too long; at most {count} characters.", "Metin çok uzun; en çok {count} karakter."),
    "crossed": (
        "A new message came while you were writing. Read it above, then send again.",
        "Siz yazarken yeni bir mesaj geldi. Yukarıda okuyun, sonra yeniden gönderin.",
    ),
    "more": ("More", "Diğer"),
    "solved": ("Is it solved?", "Çözüldü mü?"),
    "close": ("Close the ticket", "Bileti kapat"),
    "unsubscribe": ("Stop mail about this ticket", "Bu biletin postalarını durdur"),
    "done_replied": ("Thank you. Your answer is sent.", "Teşekkürler. Yanıtınız gönderildi."),
    "done_closed": ("The ticket is closed.", "Bilet kapatıldı."),
    "done_rated": ("Thank you for your feedback.", "Geri bildiriminiz için teşekkürler."),
    "done_unsubscribed": ("You get no more mail about this ticket.", "Bu biletle ilgili artık posta almayacaksınız."),
    # -- rating
    "rate": ("How did we do?", "Deneyiminizi derecelendirin"),
    "rate_lead": ("Ticket {id}: {subject}", "Bilet {id}: {subject}"),
    "vote:good": ("Good", "İyi"),
    "vote:ok": ("OK", "Orta"),
    "vote:bad": ("Bad", "Kötü"),
    "comment": ("Would you like to tell us more? (optional)", "Eklemek istediğiniz bir şey var mı? (isteğe bağlı)"),
    "send_rating": ("Send", "Gönder"),
    "need_vote": ("Choose one of the three.", "Üçünden birini seçin."),
    "voted": ("Your rating: {vote}. You can change it.", "Değerlendirmeniz: {vote}. Değiştirebilirsiniz."),
    # -- leaving
    "leave": ("Stop mail about this ticket?", "Bu biletin postaları durdurulsun mu?"),
    "leave_lead": (
        "{address} will get no more mail about ticket {id}: {subject}",
        "{address} adresine artık {id} numaralı biletle ilgili posta gelmeyecek: {subject}",
    ),
    "leave_button": ("Stop the mail", "Postaları durdur"),
    "left": ("You are off the list", "Listeden çıktınız"),
    "left_lead": (
        "{address} gets no more mail about this ticket.",
        "{address} adresine artık bu biletle ilgili posta gelmeyecek.",
    ),
    # -- errors
    "error_400": ("That request cannot be understood", "Bu istek anlaşılamadı"),
    "error_403": ("That was not allowed", "Buna izin verilmedi"),
    "error_404": ("There is nothing here", "Burada bir şey yok"),
    "error_405": ("That does not work this way", "Bu şekilde olmaz"),
    "error_408": ("That took too long", "Bu çok uzun sürdü"),
    "error_413": ("That is too large", "Bu çok büyük"),
    "error_429": ("Too many attempts", "Çok fazla deneme"),
    "error_500": ("Something went wrong on our side", "Bizde bir sorun oluştu"),
    "error_503": ("We are busy at the moment", "Şu anda meşgulüz"),
    "error_form": ("The form is too old", "Form çok eski"),
    "error_400_lead": ("Go back and try again.", "Geri dönüp yeniden deneyin."),
    "error_403_lead": ("Go back, load the page anew and try again.", "Geri dönün, sayfayı yenileyin ve yeniden deneyin."),
    "error_404_lead": (
        "The address may be wrong, or the page is not for you.",
        "Adres yanlış olabilir veya bu sayfa size ait değildir.",
    ),
    "error_405_lead": ("Go back and use the page's own buttons.", "Geri dönün ve sayfanın kendi düğmelerini kullanın."),
    "error_408_lead": ("Check your connection and try again.", "Bağlantınızı kontrol edip yeniden deneyin."),
    "error_413_lead": (
        "Text and files together may have at most {size}. Go back and send less, or send it in parts.",
        "Metin ve dosyalar toplam en çok {size} olabilir. Geri dönüp daha azını gönderin veya bölün.",
    ),
    "error_429_lead": (
        "Wait a quarter of an hour, then try again; or ask for a link by mail.",
        "On beş dakika bekleyip yeniden deneyin veya postayla bağlantı isteyin.",
    ),
    "error_500_lead": (
        "It was written down for the people who look after this site. Try again in a few minutes.",
        "Siteyle ilgilenenler için kaydedildi. Birkaç dakika sonra yeniden deneyin.",
    ),
    "error_503_lead": ("Try again in a minute.", "Bir dakika sonra yeniden deneyin."),
    "error_form_lead": (
        "It was open for too long, or came from another site. Go back, load the page anew and send it again.",
        "Çok uzun süre açık kaldı veya başka bir siteden geldi. Geri dönün, sayfayı yenileyin ve yeniden gönderin.",
    ),
    "home": ("To the start", "Başa dön"),
}  # fmt: skip

WORDS = {language: {key: pair[n] for key, pair in _SENTENCES.items()} for n, language in enumerate(LANGUAGES)}


def say(language: str, key: str, **values: object) -> str:
    """The sentence of a key."""
    sentence = WORDS[language][key]
    return sentence.format(**values) if values else sentence


def state(language: str, status: str) -> str:
    """The word for a ticket's status; an installation's own words stay as they are."""
    return WORDS[language].get(f"state:{status}", status)


def preferred(accept_language: str, default: str) -> str:
    """The language of Accept-Language (RFC 9110 section 12.5.4) that the pages speak, else the default."""
    best, best_weight = default, 0.0
    for item in accept_language[:500].split(","):
        name, _, parameter = item.partition(";")
        short = name.strip().lower().replace("_", "-").partition("-")[0]
        key, _, given = parameter.strip().partition("=")
        try:
            weight = float(given) if key.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if short in LANGUAGES and best_weight < weight <= 1.0:
            best, best_weight = short, weight
    return best
