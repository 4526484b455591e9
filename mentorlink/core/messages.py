"""What people read where a rule of the domain said no: code → sentence. A test finds every code in the source."""

from mentorlink.core.i18n import mark

FALLBACK = mark("いまの様子では、その操作に進めませんでした。画面をひらきなおして、もう一度お試しください。")

MESSAGES: dict[str, str] = {
    # accounts
    "email_taken": mark("このメールアドレスの方は、もうご登録があります。"),
    "already_here": mark("この方は、もうお入りになれます。"),
    "role_not_below": mark("ご自分より下の役割の方だけを、招けます。"),
    "password_short": mark("合言葉は10文字以上でお願いします。長い文でも大丈夫です。"),
    "password_long": mark("合言葉は200文字までです。少し短くしていただけますか。"),
    # people
    "contact_missing": mark("ご連絡先を一つ教えてください。"),
    "consent_required": mark(
        "この同意は、お相手をさがすために必要です。取り消すときは、お申し込みの取り下げからお願いします。"
    ),
    "pause_in_past": mark("お休みの終わりは、きょう以降の日付でお願いします。"),
    # matching
    "nobody_chosen": mark("声をかける方に、番号をつけてください。"),
    "chosen_twice": mark("同じ方が二度えらばれています。"),
    "same_place": mark("同じ番号が二つあります。順番が分かるようにつけてください。"),
    "cannot_be_asked": mark("えらんだ方の中に、いま声をかけられない方がいます。一覧を見直してください。"),
    "proposal_open": mark("この申込には、いま打診中のものがあります。"),
    "proposal_closed": mark("この打診は、もう終わっています。"),
    "invitation_closed": mark("この打診は、もう終わっています。何もしていただくことはありません。"),
    "month_full": mark("今月お引き受けできる件数に達しています。件数はプロフィールで変えられます。"),
    "pins_clash": mark("固定した組が、たがいに重なっています。どれか一つの固定を外してください。"),
    "no_pair_chosen": mark("打診する組を、一つ以上えらんでください。"),
    "round_replaced": mark(
        "新しい組み合わせができています。いまの様子を見てから、もう一度えらんでください。"
    ),
    # scheduling
    "slot_gone": mark("その日にちは、ひと足先に埋まりました。ほかの日にちから、もう一度えらんでください。"),
    "ask_closed": mark("この時間のご相談は、もう終わっています。お返事はいりません。"),
    "hour_asked_already": mark("いま、ほかの時間を聞いているところです。お返事を待ってからにしましょう。"),
    "asked_enough": mark("ここからは、事務局がお電話で、ごいっしょに時間をさがします。"),
    "not_asked": mark("この時間のご相談は、ほかの方にお聞きしています。"),
    "offer_closed": mark("日にちは、もう決まっています。変えたいときは、予定のページからお願いします。"),
    "engagement_not_running": mark("いまはお休み中か、終わったご相談のため、日にちを決められません。"),
    "meeting_in_the_past": mark("その時間は、もう過ぎています。これからの日にちをえらんでください。"),
    "meeting_not_moved": mark("はじまったあとの予定や、中止になった予定は、変えられません。"),
    "meeting_not_cancelled": mark("はじまったあとの予定や、中止になった予定は、ここからは中止にできません。"),
    "meeting_not_begun": mark("まだはじまっていません。はじまったあとに、もう一度お願いします。"),
    "meeting_not_held": mark("この予定は、もう記録がすんでいるか、中止になっています。"),
    "meeting_not_no_show": mark("この予定は、もう記録がすんでいるか、中止になっています。"),
    "no_talk_chosen": mark("日にちをひとつはえらんでください。"),
    "talk_too_late": mark("半年が終わったあとの日にちです。もう少し早い日にちをえらんでください。"),
    "window_not_possible": mark("時間は30分きざみで、「まで」は「から」より後にしてください。"),
    "exception_in_past": mark(
        "きょうより後の日にしてください。終わりの日は、はじまりの日より後にお願いします。"
    ),
    "exception_too_far": mark("いまから400日先までの日にしてください。"),
    "exception_too_long": mark(
        "続けて入れられるのは62日までです。長くお休みのときは「受け付け」をお休みにできます。"
    ),
    "terms_not_possible": mark("決められる範囲をこえています。数を確かめていただけますか。"),
    # applications
    "answers_missing": mark("まだ書いていないところがあります。一つずつ、教えていただけますか。"),
    "consent_needed": mark("お申し込みには、二つの同意をお願いしています。"),
    "application_not_checking": mark(
        "このお申し込みは、取り下げやご紹介のあとではありません。いまの様子をご覧ください。"
    ),
    "application_not_draft": mark("このお申し込みは、もう受け付けています。わたしのページをご覧ください。"),
    "application_not_received": mark("このお申し込みは、もう先へ進んでいます。いまの様子をご覧ください。"),
    "programme_closed": mark("この受付は、いまはお休みしています。お電話でのご相談は、いつでもどうぞ。"),
    "programme_needed": mark("どの事業の申込かを選んでください。"),
    "question_answered": mark("お返事は、もういただいています。ありがとうございます。"),
    "flag_resolved": mark("この見守りは、ほかの担当が済ませています。"),
    "no_selection": mark("この事業には、選考がありません。"),
    "selection_first": mark("この事業では、先に選考の結果を決めてください。"),
    "reason_needed": mark("ご本人に伝える理由を、やさしい言葉で書いてください。"),
    "outcome_wrong": mark("選考の結果を一つ選んでください。"),
    "criteria_missing": mark("この事業には、まだ選考の観点がありません。事業の設定で加えてください。"),
    "selection_closed": mark("この申込は、もう選考を終えています。"),
    "reviewers_needed": mark("読む方を一人以上えらんでください。"),
    "reviewer_unknown": mark("えらんだ方の中に、いま読む方になれない人がいます。一覧を見直してください。"),
    "review_closed": mark("この採点は、いまは変えられません。いまの様子を見てください。"),
    "scores_missing": mark("まだ点のついていない観点があります。"),
    "points_wrong": mark("点は、それぞれの観点の中から選んでください。"),
    "reviews_missing": mark("採点がまだそろっていません。そろうのを待つか、待たない理由を確かめてください。"),
    "decider_barred": mark("この申込には関わりがあるため、結果はほかの責任者が決めます。"),
    "decision_told": mark("この申込の結果は、もうお知らせしています。"),
    "nothing_prepared": mark("まだ用意した結果がありません。"),
    "others_undecided": mark("まだ結果の決まっていない申込があります。先に送ってよいか、確かめてください。"),
    "nobody_waits": mark("席があくのを待っている方は、いまいません。"),
    "nobody_selected": mark("採択の申込は、いまありません。"),
    # engagements, surveys, outcomes
    "no_supporter": mark("お相手を一人以上えらんでください。"),
    "engagement_not_paused": mark("いまは、お休み中ではありません。"),
    "handover_open": mark("ご本人が、次の方にお渡しすることを選んでから、お相手をさがせます。"),
    "nobody_to_meet": mark("次の方が決まってから、日にちを選べます。"),
    "handover_needs_supporter": mark("前の方は、もう離れています。次の方を、いっしょにさがしましょう。"),
    "not_met_yet": mark("一度お話ししたあとに、お願いできます。"),
    "message_empty": mark("伝えたいことを書いてください。"),
    "goal_missing": mark("半年たったとき、どうなっていたらうれしいか、ひとことで大丈夫です。"),
    "title_missing": mark("一歩の名前を、ひとことで書いてください。"),
    "day_unlikely": mark("日付は、きょうから2年のあいだでお願いします。"),
    "evidence_missing": mark("したことを一つ、のせてから見てもらいましょう。ひとことで大丈夫です。"),
    "evidence_empty": mark("のせるものを、一つえらんでください。"),
    "evidence_looked_at": mark("見てもらっているものは、手もとに戻してから取り下げられます。"),
    "link_wrong": mark("「https://」か「http://」で始まる住所を入れてください。"),
    "words_needed": mark("もうひとまわりのときは、何があるとよいか、ひとこと添えてください。"),
    "milestone_done": mark("この一歩は、いまは変えられません。「もう一度とりくむ」から、続きができます。"),
    "milestone_not_in_progress": mark("この一歩は、もう先へ進んでいます。いまの様子をご覧ください。"),
    "milestone_not_checking": mark(
        "この一歩は、いまは見てもらう前の段ではありません。いまの様子をご覧ください。"
    ),
    "milestone_not_reached": mark(
        "この一歩は、いまは見てもらうのを待っていません。いまの様子をご覧ください。"
    ),
    "milestone_not_revising": mark("この一歩は、いまは見直しに進めません。いまの様子をご覧ください。"),
    "milestone_not_skipped": mark("この一歩は、いまは見送れません。いまの様子をご覧ください。"),
    "note_empty": mark("メモに、ひとこと書いてください。"),
    "note_shared": mark("共有したメモは、書き直せません。続きを書き足せます。"),
    "note_not_shared": mark("このメモは、まだ共有していません。そのまま書き直せます。"),
    "survey_closed": mark("このアンケートは、役目を終えました。ありがとうございます。"),
    "survey_unknown": mark("このアンケートは、まだ登録がありません。"),
    "question_unknown": mark("画面をひらきなおして、もう一度お答えいただけますか。"),
    "option_unknown": mark("この中から選んでいただけますか。"),
    "answer_missing": mark("まだお答えのないところがあります。一つずつ、教えていただけますか。"),
    "one_answer": mark("この質問は、一つだけ選んでください。"),
    "ending_unknown": mark("その後の様子を、一覧から選んでください。"),
    "ending_not_yours": mark("この終わり方は、事務局だけが選べます。"),
    "engagement_ended": mark("この支援は、もうひと区切りになっています。いまの様子をご覧ください。"),
    "engagement_not_ended": mark("この支援は、いまも続いています。"),
    "not_started": mark("はじめた日は、「動き出した」ときだけ書けます。"),
    # the office's desk
    "call_done": mark("この電話は、もう済んでいます。"),
    "minutes_wrong": mark("通話の長さは、0分から600分までで入れてください。"),
    "message_late": mark("お知らせする時期が過ぎているので、もう送れません。お電話でお伝えください。"),
    "message_moved": mark("この連絡は、もう別の状態になっています。いまの様子を見てください。"),
    "too_many_at_once": mark("一度に1000件までです。一覧を絞り込んでから、もう一度お願いします。"),
    "too_many_views": mark(
        "名前をつけられる絞り込みは20個までです。使わないものを消してから、お願いします。"
    ),
    # programmes and organisations
    "programme_already_open": mark("この事業の受付は、もう始まっています。"),
    "programme_code_wrong": mark("事業の記号は、英小文字と数字とハイフンでお願いします。"),
    "programme_dates_wrong": mark("日付は、受付のはじまり・おわり・選考結果の順になるようにしてください。"),
    "programme_exists": mark("同じ記号の事業が、もうあります。"),
    "programme_frozen": mark(
        "募集をはじめた事業の、ここは変えられません。日付・言葉・点数・人数は「日付つきの変更」で変えられます。"
    ),
    "field_frozen": mark("ここは、募集をはじめたあとは変えられません。約束したことを守るためです。"),
    "programme_not_ready": mark("まだ足りないところがあります。下の一覧を見て、整えてください。"),
    "programme_not_open": mark("まだ準備中の事業です。変えたいところを、そのまま書きかえてください。"),
    "amendment_value_wrong": mark("この内容では変えられません。もう一度見ていただけますか。"),
    "amendment_in_past": mark("いつからかは、きょう以降の日でお願いします。"),
    "amendment_changes_nothing": mark("いまと同じ内容です。"),
    "amendment_in_force": mark("この変更は、もう始まっています。新しい変更で、元に戻せます。"),
    "organisation_exists": mark("同じ名前の団体が、もうあります。"),
    "organisation_name_blank": mark("団体の名前を教えてください。"),
    "already_affiliated": mark("同じ時期に、もうその団体に所属しています。"),
    "affiliation_dates_wrong": mark("所属の終わりは、始まりの日以降にしてください。"),
    # files
    "file_empty": mark("ファイルの中身が空のようです。もう一度えらんでいただけますか。"),
    "file_too_large": mark("一つのファイルは10MBまでです。小さくするか、分けて送っていただけますか。"),
    "image_too_large": mark("写真がとても大きいようです。少し小さくして、送っていただけますか。"),
    "quota_full": mark("この半年のファイルは、合わせて100MBまでです。続きは、事務局へご相談ください。"),
    "file_heic": mark(
        "この写真の形（HEIC）は、まだ受け取れません。iPhoneでは、写真を「共有」からメモなどに保存し直すか、"
        "「設定→カメラ→フォーマット→互換性優先」にすると、送れる形（JPEG）になります。"
    ),
    "file_macros": mark(
        "プログラム（マクロ）の入った書類は、受け取れません。PDFにして送っていただけますか。"
    ),
    "file_kind": mark("受け取れるのは、写真（JPEG・PNG・WebP）、PDF、文字だけのファイル、Word、Excelです。"),
    # addresses that we fetch, and calendars behind them
    "address_form": mark("「https://」ではじまる住所を、そのまま貼りつけていただけますか。"),
    "address_not_https": mark("「https://」か「webcal://」ではじまる住所だけを、読みにいけます。"),
    "address_not_allowed": mark(
        "この住所へは、安全のため読みにいけません。カレンダーの画面で、もう一度写していただけますか。"
    ),
    "address_unknown": mark(
        "この住所の場所が見つかりませんでした。写しまちがいがないか、見ていただけますか。"
    ),
    "address_silent": mark("カレンダーのサーバーから、うまく返事をもらえませんでした。"),
    "address_slow": mark("カレンダーのサーバーの返事に、時間がかかりすぎました。"),
    "address_moved": mark(
        "この住所は、別の場所への案内だけでした。カレンダーの画面で、もう一度写していただけますか。"
    ),
    "address_refused": mark(
        "カレンダーのサーバーが、見せてくれませんでした。住所が新しくなっていないか、見ていただけますか。"
    ),
    "address_certificate": mark(
        "この住所が本物かどうか（証明書）を確かめられませんでした。安全のため、読んでいません。"
    ),
    "address_too_large": mark("カレンダーが大きすぎて、読みきれませんでした（5MBまで）。"),
    "address_packed": mark("カレンダーが圧縮されていて、読めませんでした。"),
    "calendar_broken": mark(
        "住所の先にあったものは、カレンダーとして読めませんでした。iCal形式の住所か、見ていただけますか。"
    ),
    "calendar_too_heavy": mark("くり返しの予定などがとても多く、読みきれませんでした。"),
    "calendar_partly_read": mark("形のくずれた予定がいくつかあり、そこは読めませんでした。"),
    "calendar_zone_guessed": mark("時間帯の分からない予定は、あなたの地域の時刻として読みました。"),
    # everywhere
    "changed_meanwhile": mark(
        "ほかの画面で、内容が新しくなっていました。いまの様子を見てから、もう一度えらんでください。"
    ),
}


def message_of(code: str) -> str:
    """The message id of a code; a general sentence for one that nobody wrote words for."""
    return MESSAGES.get(code, FALLBACK)
