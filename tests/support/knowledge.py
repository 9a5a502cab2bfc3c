"""A small knowledge base in English and Turkish, and questions that people ask of it.

Takes a store; `furnish` writes the articles. `ANSWERED` names for each question the article that answers it, `UNANSWERED`
holds questions that no article answers, some of them with a word or two in common.
"""

from __future__ import annotations

from mailgate.store import Store, articles
from mailgate.store.articles import NewArticle

# name, language, title, tags, text
ARTICLES: list[tuple[str, str, str, tuple[str, ...], str]] = [
    ("password", "en", "Reset your password", ("account",),
     "Open the sign-in page and choose *Forgot password*. We send you a mail with a link that is valid for one hour."
     " A new password needs at least twelve characters. If no mail arrives, look in the spam folder."),
    ("vpn", "en", "Connect to the office network from home (VPN)", ("remote",),
     "Install the client from the software center, start it and sign in with your user name and the code from your phone."
     " If the connection drops, choose another gateway. Hotels often block the tunnel; use your phone as a hotspot."),
    ("paper-jam", "en", "Clear a paper jam in the printer", ("hardware",),
     "Open the front door, turn the green lever and pull the sheet out slowly. Close the door; printing goes on by itself."
     " If it jams again, the rollers are worn: open a ticket with the number on the printer's label."),
    ("toner", "en", "Order toner and drums", ("printer",),
     "Every printer tells us itself when the toner runs low. If prints are pale, shake the cartridge and order a new one"
     " on the intranet page *Supplies*. It arrives within two working days."),
    ("mailbox-full", "en", "Your mailbox is full", ("e-mail", "quota"),
     "Each mailbox holds 50 GB. Empty *Deleted items*, sort by size and save large attachments to the archive."
     " While it is full you cannot send, and what others send to you is returned."),
    ("phishing", "en", "Report a suspicious message", ("security", "phishing"),
     "Do not open links or attachments. Forward the message as an attachment to the security team, then delete it."
     " If you have typed your password on such a page, change it at once and call us."),
    ("expenses", "en", "Get travel expenses paid back", ("finance",),
     "Photograph your receipts, fill in the form *Travel* and let your manager approve it before the 20th."
     " The money comes with the next salary. Taxis need a reason; hotels an invoice in the company's name."),
    ("invoice", "en", "Download an invoice again", ("billing",),
     "All invoices of the last ten years are in the customer portal under *Billing*. Choose the month and press PDF."
     " The address on an invoice can be changed until it is booked."),
    ("refund", "en", "Cancel an order and get a refund", ("billing",),
     "Orders can be cancelled until they are shipped. The refund goes to the card that was charged and takes five days."
     " For goods that were shipped, print the return label and hand the parcel in at any post office."),
    ("wifi", "en", "Wi-Fi for guests", ("network", "wlan"),
     "Guests get a code at the reception, valid for one day. Choose the network GUEST, open any page and type the code."),
    ("laptop-slow", "en", "My laptop is slow", ("performance",),
     "Restart it first. Close browser tabs, look for updates that wait, and make sure that the disk has 10 GB free."
     " Laptops older than four years are exchanged: ask your manager."),
    ("backup", "en", "Restore a deleted file", ("backup",),
     "Files on the shared drive are backed up every night. Right-click the folder, choose *Previous versions* and copy the"
     " file from the list. Older versions are kept for 90 days."),
    ("sifre", "tr", "Parolanızı sıfırlama", ("hesap", "şifre"),
     "Oturum açma sayfasında *Parolamı unuttum* bağlantısına tıklayın. Bir saat geçerli bir bağlantı gönderilir."
     " Yeni parola en az on iki karakter olmalıdır. Hesabınız kilitlendiyse on beş dakika bekleyin."),
    ("yazici", "tr", "Yazıcıda kâğıt sıkışması", ("donanım",),
     "Ön kapağı açın, yeşil kolu çevirin ve kâğıdı yavaşça çekin. Kapağı kapatınca yazdırma kendiliğinden sürer."
     " Yazıcı yine de çalışmıyorsa etiketteki numarayı bize bildirin."),
    ("fatura", "tr", "Faturanızı yeniden indirme", ("muhasebe",),
     "Tüm faturalar müşteri portalında *Faturalar* altında bulunur. Ayı seçip PDF düğmesine basın."
     " Faturadaki adres yalnızca muhasebeleştirilmeden önce değiştirilebilir."),
    ("kargo", "tr", "Siparişim nerede? Kargo takibi", ("teslimat",),
     "Sipariş kargoya verilince takip numarası gönderilir. Kargo firmasının sayfasında numarayı yazın."
     " Teslimat genellikle üç iş günü sürer; adreste kimse yoksa paket şubeye bırakılır."),
    ("iade", "tr", "Ürün iadesi ve para iadesi", ("iade",),
     "On dört gün içinde ürünü kutusuyla geri gönderebilirsiniz. İade kodunu hesabınızdan alın."
     " Para, ödeme yaptığınız karta beş iş günü içinde yatar."),
    ("uzak-baglanti", "tr", "Evden şirket ağına bağlanma (VPN)", ("uzaktan çalışma",),
     "Yazılım merkezinden istemciyi kurun, kullanıcı adınız ve telefonunuzdaki kodla oturum açın."
     " Bağlantı koparsa başka bir ağ geçidi seçin."),
    ("izin", "tr", "Yıllık izin başvurusu", ("insan kaynakları",),
     "İzin formunu personel sayfasından doldurun; yöneticiniz onaylayınca takviminize işlenir."
     " Kalan izin gününüz formun üstünde görünür."),
    ("internet-yavas", "tr", "İnternet yavaşsa", ("ağ", "modem"),
     "Modemi kapatıp otuz saniye sonra açın. Kabloyla deneyin; hız kablosuz ağda düşük olabilir."
     " Hız testinin sonucunu talebinize ekleyin."),
]  # fmt: skip

# subject, text, the name of the article that answers it
ANSWERED: list[tuple[str, str, str]] = [
    ("Forgotten password", "Hello,\n\nI forgot my password and cannot sign in any more. Can you help?\n\nJane", "password"),
    ("cannot log in", "my passwords do not work since monday, please reset", "password"),
    ("VPN", "I can't connect to the VPN from home since this morning.", "vpn"),
    ("Paper stuck", "The printer on the second floor is jammed again, paper everywhere.", "paper-jam"),
    ("Help!!!", "Our printer says PAPER JAM", "paper-jam"),
    ("Prints are pale", "We need new toner for the printer in room 12.", "toner"),
    ("Cannot send mail", "Outlook says that my mailbox is full. What should I delete?", "mailbox-full"),
    ("Strange mail from the bank", "I got a suspicious message with a link, is this phishing?", "phishing"),
    ("Invoice for March", "Hi, could you send me the invoice for March again? I lost the PDF.", "invoice"),
    ("Order 4711", "I would like to cancel my order and get a refund, please.", "refund"),
    ("Guest wifi code", "We have visitors tomorrow. How do they get on the Wi-Fi?", "wifi"),
    ("Slow laptop", "My laptop has become terribly slow, it takes ten minutes to start.", "laptop-slow"),
    ("Deleted a file by mistake", "I deleted a spreadsheet on the shared drive. Is there a backup to restore it from?",
     "backup"),
    ("Expenses", "When will the expenses of my travel to Ankara be paid back?", "expenses"),
    ("Şifremi unuttum", "Merhaba, şifremi unuttum, sisteme giremiyorum. Yardımcı olur musunuz?", "sifre"),
    ("Parola", "Parolamı sıfırlamak istiyorum.", "sifre"),
    ("sifre sifirlama", "sifremi unuttum hesabim kilitlendi", "sifre"),
    ("Yazıcı çalışmıyor", "Yazıcıya kağıt sıkıştı, çıkaramıyorum.", "yazici"),
    ("YAZICI", "YAZICIDA KAĞIT SIKIŞTI", "yazici"),
    ("Fatura", "Mart ayının faturasını yeniden gönderir misiniz?", "fatura"),
    ("Siparişim gelmedi", "Geçen hafta verdiğim sipariş hâlâ gelmedi, kargo takip numarası nedir?", "kargo"),
    ("İade", "Aldığım ürünü iade etmek istiyorum, param ne zaman yatar?", "iade"),
    ("VPN'e bağlanamıyorum", "Evden çalışırken şirket ağına bağlanamıyorum.", "uzak-baglanti"),
    ("Yıllık izin", "Kaç gün iznim kaldı, başvuruyu nereden yapıyorum?", "izin"),
    ("internet cok yavas", "evdeki internet cok yavas, modemi kapatip actim", "internet-yavas"),
    ("{17} Re: Fwd: password", "> old\n\nThe link to reset the password has expired.", "password"),
]  # fmt: skip

UNANSWERED: list[tuple[str, str]] = [
    ("Meeting on Thursday", "Dear all, can we move the meeting to three o'clock? Best regards, Tom"),
    ("Office chair", "My chair is broken, the left wheel fell off. Where can I get another one?"),
    ("Thank you!", "Thanks for the quick help, everything works again."),
    ("", ""),
    ("Question", "Hello, I have a question. Please call me back today. Thank you."),
    ("Coffee machine", "The coffee machine on the third floor leaks. Someone should look at it."),
    ("Licence for the drawing program", "Our licence for the drawing program ends in June. Please extend it by a year."),
    ("Job application", "I am an engineer with ten years of experience and would like to apply for the position in Izmir."),
    ("Parking", "A car stands on my parking space every day. Whom can I tell?"),
    ("Toplantı", "Perşembe günkü toplantıyı saat üçe alabilir miyiz? Saygılarımla"),
    ("Klima bozuk", "Üçüncü kattaki klima soğutmuyor, çok sıcak oldu."),
    ("Teşekkürler", "Hızlı yanıtınız için teşekkür ederim, iyi çalışmalar."),
    ("Bilgi", "Merhaba, bilgi almak istiyorum, lütfen beni arayın."),
    ("Yemekhane", "Yemekhane menüsünde vejetaryen seçenek olacak mı?"),
    (
        "Contract renewal",
        "Following our discussion of last week we would like to renew the maintenance contract for the elevators in"
        " building C. The current contract ends on 31 December. Please send the draft to our legal department, who will"
        " look at the liability clauses before the board decides. They printed the last one and lost a page, so an"
        " electronic copy would be welcome. The technician who comes for the yearly inspection has asked for access to"
        " the machine room; he needs a badge. We also ask you to confirm the hourly rate, the response time on Sundays"
        " and the number of free visits.",
    ),
    ("Weather", "Will it rain at the summer party? We need a tent, forty chairs and a band."),
    ('" OR * NEAR(', 'title_en: "* AND NOT NEAR(a b, 2) {x} : ^ -- \'; DROP TABLE article'),
    ("会议室预订", "请问明天的会议室可以预订吗？"),
]  # fmt: skip


def furnish(store: Store, category_id: int = 1, internal: tuple[str, ...] = ()) -> dict[str, int]:
    """Writes all articles; gives their ids by name. Those named in `internal` are for technicians alone."""

    def write(tx: object) -> dict[str, int]:
        return {
            name: articles.add(tx, name, NewArticle(title, text, category_id, name in internal, language, tags), None)  # type: ignore[arg-type]
            for name, language, title, tags, text in ARTICLES
        }

    return store.write(write)
