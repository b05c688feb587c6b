"""What the demo shop wrote down for its customers: its guides by title and address, and answers to what is asked most.

They are rows of the catalog of kind `content`; the chat answers with them, and nothing of them is ever offered.
"""
# ruff: noqa: E501 - an answer stands on one line in each language, to be read side by side

from typing import Any

from crosslift.testing.demo.guides import GUIDES

ANSWERS: dict[str, tuple[str, str, str, str, str]] = {
    "faq-shipping": (
        "delivery",
        "Parcels leave our warehouse on the next working day. They take 1 to 2 days in Korea, 3 to 6 days to Japan, and 5 to 10 days elsewhere.",
        "주문하신 다음 영업일에 출고해요. 국내는 1~2일, 일본은 3~6일, 그 밖의 나라는 5~10일 걸려요.",
        "ご注文の翌営業日に出荷します。韓国国内は1～2日、日本は3～6日、その他の国は5～10日でお届けします。",
        "delivery, shipping, parcel, 배송, 택배, 도착, 配送, 送料, お届け",
    ),
    "faq-returns": (
        "returns",
        "Unused goods can be returned within 30 days of arrival; opened coffee cannot. We pay the return postage where something was wrong with it.",
        "사용하지 않은 상품은 받으신 날부터 30일 안에 반품하실 수 있어요. 개봉한 원두는 반품이 어려워요. 상품에 문제가 있었다면 반품 배송비는 저희가 부담해요.",
        "未使用の商品は、お届けから30日以内であれば返品を承ります。開封済みのコーヒー豆は返品できません。商品に問題があった場合、返送料は当店が負担します。",
        "return, refund, exchange, 반품, 환불, 교환, 返品, 返金, 交換",
    ),
    "faq-voltage": (
        "voltage",
        "Korea needs 220 V, Japan and North America 100 to 120 V. Each electric device names its voltage on its page.",
        "한국은 220V, 일본과 북미는 100~120V예요. 전기 제품마다 상품 페이지에 전압이 적혀 있어요.",
        "韓国は220V、日本と北米は100～120Vです。電気製品の電圧は、それぞれの商品ページに記載しています。",
        "voltage, volt, plug, 전압, 볼트, 電圧, ボルト",
    ),
    "guide-pour-over": (
        "guide",
        "Rinse the filter, put in 15 g of medium-fine coffee, pour 30 ml, wait 30 seconds, then pour up to 240 ml in circles within two and a half minutes.",
        "필터를 뜨거운 물로 헹구고 중간보다 조금 곱게 간 원두 15g을 담으세요. 물 30ml를 붓고 30초 기다린 뒤, 2분 30초 안에 원을 그리며 240ml까지 부으시면 돼요.",
        "フィルターを湯通しし、中細挽きの粉15gを入れます。お湯を30ml注いで30秒待ち、2分30秒以内に円を描くように240mlまで注ぎます。",
        "pour over, hand drip, 핸드드립, ハンドドリップ",
    ),
    "guide-filter-sizes": (
        "guide",
        "The number on the filter is that of the dripper: 01 for one cup, 02 for one to four, 03 for more. Wave and air press filters are named by their diameter.",
        "필터의 번호는 드리퍼의 번호와 같아요. 01은 1잔, 02는 1~4잔, 03은 그 이상이에요. 웨이브와 에어 프레스 필터는 지름으로 구분해요.",
        "フィルターの番号はドリッパーの番号と同じです。01は1杯、02は1～4杯、03はそれ以上です。ウェーブとエアプレスのフィルターは直径で表します。",
        "filter size, 필터 사이즈, フィルターのサイズ",
    ),
    "guide-grind": (
        "guide",
        "Coarse for cold brew, medium for drip, fine for moka, very fine for espresso. Sour means too coarse, bitter means too fine.",
        "콜드브루는 굵게, 드립은 중간으로, 모카포트는 곱게, 에스프레소는 아주 곱게 갈아요. 시면 더 곱게, 쓰면 더 굵게 갈아 보세요.",
        "水出しは粗挽き、ドリップは中挽き、モカポットは細挽き、エスプレッソは極細挽きです。酸っぱいときは細かく、苦いときは粗くします。",
        "grind size, 분쇄도, 挽き目",
    ),
    "guide-grinder-care": (
        "guide",
        "Brush out the burrs once a week. Once a month grind a spoon of cleaning tablets, then a spoon of old beans. No water comes near the burrs.",
        "일주일에 한 번 솔로 날을 털어 주세요. 한 달에 한 번 세정제를 한 스푼 갈고, 이어서 묵은 원두를 한 스푼 갈아 주세요. 날에는 물이 닿지 않게 해 주세요.",
        "週に一度、ブラシで刃を掃除します。月に一度、洗浄タブレットを一さじ挽き、続けて古い豆を一さじ挽きます。刃は水に濡らさないでください。",
        "clean grinder, 그라인더 청소, グラインダー 掃除",
    ),
    "guide-descale": (
        "guide",
        "Dissolve one sachet in a full tank, run half of it, wait 20 minutes, run the rest, then run two tanks of clear water.",
        "물통을 가득 채우고 스케일 제거제 한 봉을 녹이세요. 절반을 흘려 보내고 20분 기다린 뒤 나머지를 흘려 보내고, 맑은 물로 두 번 헹구시면 돼요.",
        "タンクいっぱいの水に除石灰剤を一袋溶かします。半分を流して20分待ち、残りを流してから、きれいな水で2回すすぎます。",
        "descale, limescale, 스케일, 石灰",
    ),
    "guide-storage": (
        "guide",
        "Keep beans whole, dry and dark in a closed container, and use them within a month of roasting. The refrigerator makes them damp.",
        "원두는 갈지 않은 채로 빛과 습기를 피해 밀폐 용기에 보관하고, 로스팅한 지 한 달 안에 드시는 것이 좋아요. 냉장고에서는 습기가 차요.",
        "豆は挽かずに、光と湿気を避けて密閉容器で保存し、焙煎から一か月以内にお使いください。冷蔵庫では湿気を含みます。",
        "store beans, 원두 보관, 豆 保存",
    ),
}
"""By page: topic, the answer in English, Korean and Japanese, further words it is found by."""
_RETURNS = ("Can I return it?", "반품할 수 있나요?", "返品できますか")


def rows() -> list[dict[str, Any]]:
    """Give the pages as items of `PUT /v1/products`; the demo shop has no pages of its own for them, so none has an address."""
    pages = [(one.content_id, (one.title, one.title_ko, one.title_ja), one.about) for one in GUIDES]
    pages.append(("faq-returns", _RETURNS, ""))
    found = []
    for page, titles, about in pages:
        if page not in ANSWERS:
            continue
        topic, *told, keywords = ANSWERS[page]
        said = dict(zip(("answer_en", "answer_ko", "answer_ja"), told, strict=True))
        attributes = {"topic": topic, "about": about, "keywords": keywords, **said}
        found.append({
            "product_id": page, "kind": "content", "title": titles[0], "title_ko": titles[1], "title_ja": titles[2],
            "attributes": {name: value for name, value in attributes.items() if value},
        })  # fmt: skip
    return found
