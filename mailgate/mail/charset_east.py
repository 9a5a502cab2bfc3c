"""Chinese, Japanese and Korean bytes that came without a label, told apart by the characters people write most.

Takes bytes that are neither ASCII nor UTF-8; gives the codec whose reading is made of frequent characters, or None.
Statistics of a library need a page of text; a subject has five characters, and the five encodings share their bytes:
what is everyday Chinese in one is a row of characters in the others that nobody uses.
Promises: never raises; linear; looks at no more than it is given. Western, Greek and Cyrillic words are no pairs of
bytes that mean frequent characters, so they are never taken for one of these.
Standards: GB 18030, Big5-HKSCS, Shift_JIS and EUC-JP (JIS X 0208), KS X 1001, as Python's codecs read them.
"""

from __future__ import annotations

import codecs
import re

_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然"
    "没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二"
    "理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信"
    "北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提"
    "感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让"
    "认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步"
    "完革深区即求品士转量空甚众技程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改"
    "议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切宝客密码订货票款价格单号邮箱附"
    "查尽速复谢购买账户登录支付退换维修备故障申询咨您忙联络客服务支系统测试通知简历合同您好感贵编产类型销售供应采购报销发送附件"
    "输入错误帮助解决问谢尊敬顺祝商祺快乐节假试验收确认取消预约会议培训招聘面验证码绑转自动答疑惑敬启公章备注询广州深圳上海福建浙"
    "刘陈杨赵吴徐孙朱胡郭何林罗郑梁宋唐韩冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊陆郝孔"
    "符标选置项示列存器值参模除引序配败称库签索图需创键删否操软含须默态移函档执略状串块段获检限印允超警准调归"
    "链止载级源束按装线端集排页规缺整择址窗域围缓返缩闭添锁跳替终具扩素访环仅触且描构禁框搜仓辑临述控译续右补"
    "断例距盘左储继尾恢待停境角损异拉套增树板秒绝群协齐根插零层享射尔词够较依推适详隐架击填另册划考赖屏额互升"
    "吗措私况绘夹景局截优挂激"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她里後小麼心多天而能好都然"
    "沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二"
    "理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信"
    "北少關並內加化由卻代產入先山五太水萬市眼體別處總才場師書比住員性通目華報立馬命張活難神數件安表原車白應路期常提感金何更反"
    "合放做系計或司利受光王果親界及今京務制解各任至清物台臺象記邊共風戰接它許特覺望直服林題建南度統色字請交愛讓認算論百義科元"
    "社結指思非每管連遠資隊帶花快條院變聯言權往展該領傳近留保達辦運半候必城步完深區即求品轉量空技程告語英基式息寫識令收錢持取"
    "設始版雙商容研找友站廣改議形房首單據導失網專若誰校讀視濟離壞興切客密碼訂貨票款價格號郵箱附查儘速覆復謝購買帳戶登錄支付退換"
    "維修備故障申詢您聯絡服務測試簡歷履合約貴編類型銷售供應採購送輸入錯誤幫助決順祝樂節假驗確認取消預約訓證碼自動忘敬啟立"
    "北義信陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯翁魏孫戴范宋方鄧杜"
    "檔案選示項標列稱顯存未除引訊組值符模置料鍵否敗執參器需態移則狀串圖端套序徑刪略印含援準簽按警塊線像裝窗封"
    "整籤索複規束影載源擇製欄停併配縮檢排頁限群址止範段尋具域暫須級增屬析控圍軟譯允功隔註章素壓函右儲追替缺搜"
    "憶音閉境左盤跳補超描終底輯棄鎖景述例強偏集損且調異拉匯依突僅片舊蓋流操照齊響環觸掛續嘗秒隱側協"
)
_KANJI = frozenset(
    "日一人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木"
    "聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家"
    "世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少町料工建空急止送切転研足究楽起着店病質待試族"
    "銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉貸堂鳥飯勉冬昼茶弟牛魚兄"
    "株式様致御株件請求見積依頼届連絡返信受付案内納品注文番号配達状確認期限変更登録商製資料添付再度対応担当部課長営業総務問合不在"
    "通知報告契約書類支払込振設定失敗削除無効有接続環境障害復旧申議打約束予定加藤鈴木佐高橋渡辺伊山村林清斎井松原石川島中吉岡"
    "表指示列要値成必実取存可最型関置引鍵能証形検化警現情得照義換制複位選択的全性含準署参所索保算分識標囲解視"
    "覧追記範法処張利態単個初移際向完像属構適縮幅拡回順項非印想端共常圧整割機容結未権素命許他異次進区果規違操"
    "線令決側既種装詳各点秒序展例細直替互頭査呼並庫改刷条停否末扱済述訳隔符組格量密継超相優句尾修略誤閉副比拒"
    "管過省提基仮補景承断押短"
)
_HANGUL = frozenset(
    "이다는에의을가고하지로를은한사서도기어자리아대시인해나정그일보수있부제전주상만장라으들면것게성과년여우원구동안과오국회마신조"
    "스공비소선여적무화당연용경니세방위금내계관요입거저생물문진실중민개모차체학개식선발천법등분유모드업산석습까운영명였었했트드"
    "건와단습요김박최강윤임신황송류홍님께감합메일주번호문의답변확요청견첨부파배송환불결취소테견안녕하세요비밀번잊버렸습니까반품싶"
    "어떻게야나되된될할안립서울특별강남전자우편접수처리완료내용예약변경등록회사철영희숙미현준재호태민지혜"
    "없음션않터값름옵표함치작패프력크데형바행키열못블출목잘령렉필복너타읽간코항본커더색러때또줄속른페능절럼백"
    "참검택증끝칼퍼각템새종초두든매램쓰활됨찾같널숫플렬림축집역르카글근티권릴룹올허규젝향따볼순길토압통격창롤"
    "외언폴뉴및심움붙말점돌양직많린졌며투노앞왼듭누살큰날효네채"
)
_CANDIDATES = (
    ("gb18030", _SIMPLIFIED), ("big5hkscs", _TRADITIONAL), ("cp932", _KANJI), ("euc_jp", _KANJI), ("cp949", _HANGUL),
)  # fmt: skip
_LONE = re.compile("(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Za-z])|(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])")
"""One character in a Latin word: an accent and the letter behind it, taken for a pair."""
_LEAST_CHARACTERS = 2
_LEAST_SHARE = 0.5
_MUCH = 20
"""Characters from which on two in five frequent ones are proof: long texts have more names and rare words."""
_MUCH_SHARE = 0.4


def east_asian_codec(sample: bytes, whole: bool = True) -> str | None:
    """The codec in which the bytes are words people write, or None where they are in none of the five.

    A sample that is not the `whole` text may end within a character.
    """
    best, best_share = None, 0.0
    for codec, frequent in _CANDIDATES:
        share = _share(sample, whole, codec, frequent)
        if share > best_share:
            best, best_share = codec, share
    return best


def _share(sample: bytes, whole: bool, codec: str, frequent: frozenset[str]) -> float:
    """The part of the characters beyond ASCII that is frequent; 0 where that proves nothing."""
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(sample, whole)
    except UnicodeDecodeError:
        return 0.0
    letters = [char for char in text if char > "\x7f" and not ("\u3000" <= char <= "\u303f" or char >= "\uff00")]
    count = len(letters)
    if (
        count < _LEAST_CHARACTERS
        or 2 * len(_LONE.findall(text)) >= count
        or any("\ue000" <= char <= "\uf8ff" for char in letters)
    ):
        return 0.0
    kana = sum("\u3040" <= char <= "\u30ff" for char in letters) if frequent is _KANJI else 0
    hits = kana + sum(char in frequent for char in letters)
    if frequent is _KANJI and not kana and count > _MUCH:
        return 0.0  # no Japanese sentence is without kana
    share = hits / count
    enough = share >= _LEAST_SHARE or (count >= _MUCH and share >= _MUCH_SHARE)
    return share if hits >= _LEAST_CHARACTERS and enough else 0.0
