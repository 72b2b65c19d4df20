"""Chinese and Japanese plain text, whose headings no model of words tells: what a reader sees."""

from __future__ import annotations

import pytest

from tests.helpers.articles import read

KINDS = {"title": "T", "paragraph": "p", "list_item": "-", "caption": "c"}
PIECES = [
    """\
T アミトリプチリンの使い方

1 はじめに

p アミトリプチリンは古くから使われている抗うつ薬です。眠気が出ることがあるので、夜に飲みます。

1 第1章 用法・用量

p 通常、成人は1日1回10mgから始めます。症状により適宜増減します。

1 【効能・効果】

p うつ病、うつ状態および夜尿症に用います。

1 １．副作用

p 口の渇きがよく起こります。水を少しずつ飲むと楽になります。

2 （1）重大な副作用

p 悪性症候群があらわれることがあります。すぐに受診してください。

2 （2）その他の副作用

p 眠気があらわれることがあります。

c 表１．副作用の頻度

p 2024年5月2日

p 気がついたときに飲んでください。2回分を一度に飲まないでください。
""",
    """\
T 患者さんへ

p この薬を使うと、眠気を催すことがありますので、自動車の運転をしないでください。

1 この薬の効果は？

- ・この薬は、三環系抗うつ剤と呼ばれるグループに属する薬です。
- ・この薬は、脳の中の物質の働きを調節します。

1 この薬を使う前に、確認すべきことは？

p 次の人は、この薬を使用することはできません。
- ・閉塞隅角緑内障の人
- ・過去にこの薬で過敏な反応を経験したことがある人

1 ■ 保管方法

p 直射日光を避けて室温で保管してください。
""",
    """\
T 阿米替林片说明书

1 【药品名称】

p 通用名称：阿米替林片

1 一、不良反应

p 治疗初期可能出现抗胆碱能反应，如多汗、口干、视物模糊、排尿困难、便秘等。

1 二、禁忌

- 1、严重心脏病；
- 2、近期有心肌梗死发作史；

2 （一）注意事项

p 肝、肾功能严重不全者慎用。使用期间应监测心电图。
""",
    """\
1 第一章 总则
p 第一条 为了加强药品管理，保证药品质量，保障公众用药安全和合法权益，制定本法。
p 第二条 在中华人民共和国境内从事药品研制、生产、经营、使用和监督管理活动，适用本法。
1 第二章 药品研制
2 第一节 一般规定
p 第十六条 国家支持以临床价值为导向、对人的疾病具有明确或者特殊疗效的药物创新。
""",
    """\
T 吾輩は猫である

p 夏目漱石

1 一

p 吾輩は猫である。名前はまだ無い。

1 二

p 吾輩は新年来多少有名になったので、猫ながらちょっと鼻が高く感ぜらるるのはありがたい。
p 「おい」
p と主人が言った。
""",
]


@pytest.mark.parametrize("piece", PIECES)
def test_headings_and_items(piece: str) -> None:
    article = read("\n".join(line[2:] for line in piece.split("\n")), "txt")
    shown = [
        f"{block.level if block.kind == 'heading' else KINDS[block.kind]} "
        f"{block.span.of(article.text)}"
        for block in article.blocks
    ]
    assert shown == [line for line in piece.split("\n") if line]


def test_lines_without_gaps_are_no_rows_and_are_joined_where_they_were_wrapped() -> None:
    parts = [
        "严重心脏病、近期有心肌梗死发作史、癫痫、青光眼、尿潴留、甲状腺机能亢进、肝功能\n对其过敏者禁用。",
        "口服。成人常用量开始一次25mg，一日2～3次，然后根据病情和耐受情况逐渐增至一日\n不得超过300mg。",
    ]
    article = read("阿米替林片\n\n【禁忌】\n{}\n\n【用法】\n{}\n".format(*parts), "txt")
    shown = [(block.kind, block.span.of(article.text)) for block in article.blocks[1:]]
    assert shown == [("heading", "【禁忌】"), ("paragraph", parts[0]),
                     ("heading", "【用法】"), ("paragraph", parts[1])]  # fmt: skip


def test_a_line_on_which_the_next_word_had_no_room_is_full() -> None:
    line = "この薬を飲んでいるあいだは医師の指示なしにほかの薬を使わないで、"
    text = f"{line * 1}のうへ\nmonoamineoxidaseinhibitorsを使う人は\n医師に" + "話してください。"
    wrapped = f"{text}\n\n" + f"{line}その場合は\n{line}その場合は\nやめます。\n\n" * 4
    assert "monoamineoxidaseinhibitors" in read(wrapped, "txt").blocks[0].span.of(
        read(wrapped, "txt").text
    )
