"""Two doors, one room: what a page can do, the API can do, or it is said why not."""

from flask import Flask

from marketplace.buying.descriptions import ArticleIn, DescriptionChange, PickupPointIn
from marketplace.fields import Words
from marketplace.organising.schemas import ArticleWords, Pickup, RuleWords, What

# Acts of pages by the endpoints for programs that do the same; one act may be in several parts.
TWINS = {
    "buying.change": "group_buys_api.change",
    "buying.consent": "supplier_answers_api.consent",
    "buying.decline": "supplier_answers_api.decline",
    "buying.forget_usual": "usual_orders_api.forget",
    "buying.join": "group_buys_api.join",
    "buying.keep_usual": "usual_orders_api.keep",
    "buying.leave": "group_buys_api.withdraw",
    "buying.replay": "proof_replays_api.replay",
    "cards.remove": "saved_cards_api.remove_card",
    "catalogues.add_article": "catalogue_articles_api.add_article",
    "catalogues.change_article": "catalogue_articles_api.change_article",
    "catalogues.describe": "catalogue_articles_api.describe",
    "catalogues.keep": "catalogues_api.keep",
    "catalogues.make": "catalogues_api.make",
    "catalogues.remove_article": "catalogue_articles_api.remove_article",
    "catalogues.throw_away": "catalogues_api.throw_away",
    "catalogues.upload": "catalogues_api.upload",
    "circles.admit": "circle_steering_api.admit",
    "circles.agree": "circle_steering_api.agree",
    "circles.appoint": "circle_steering_api.appoint",
    "circles.archive": "circle_steering_api.archive",
    "circles.change": "circle_steering_api.change",
    "circles.decline": "circle_steering_api.decline",
    "circles.draw_link": "circles_api.draw_link",
    "circles.found": "circles_api.found",
    "circles.invite": "circles_api.invite",
    "circles.join": "circles_api.join",
    "circles.leave": "circles_api.leave",
    "circles.remove": "circle_steering_api.remove",
    "circles.renew_link": "circles_api.renew_link",
    "circles.reopen": "circle_steering_api.reopen",
    "circles.set_rules": "circle_steering_api.set_rules",
    "dialogue.edit": "messages_api.edit",
    "dialogue.follow": "messages_api.follow",
    "dialogue.follow_circle": "messages_api.follow_circle",
    "dialogue.write_in_circle": "messages_api.write_in_circle",
    "dialogue.hide": "messages_api.hide",
    "dialogue.write": "messages_api.write",
    "disputes.decide": "cases_api.decide",
    "disputes.report": "reports_api.report",
    "disputes.resume": "cases_api.resume",
    "disputes.take_up": "cases_api.take_up",
    "invoices.bill_to": "invoices_api.bill_to",
    "notices.prefer": "notices_api.prefer",
    "notices.read": "notices_api.read",
    "notices.read_all": "notices_api.read_all",
    "organising.accept_co_organising": "organising_api.accept_co_organising",
    "organising.add_article": "organising_api.add_article",
    "organising.add_co_organiser": "organising_api.add_co_organiser",
    "organising.add_pickup": "organising_api.add_pickup",
    "organising.amend": "organising_api.amend",
    "organising.amend_article": "organising_api.amend_article",
    "organising.announce": "organising_api.announce",
    "organising.begin": "group_buys_api.draft",
    "organising.begin_hand_over": "organising_api.begin_hand_over",
    "organising.cancel": "group_buys_api.cancel",
    "organising.change_article": "organising_api.change_article",
    "organising.change_guest_order": "organising_api.change_guest_order",
    "organising.complete": "organising_api.complete",
    "organising.confirm_cash": "payments_api.confirm_received",
    "organising.decline_co_organising": "organising_api.decline_co_organising",
    "organising.deny_cash": "payments_api.deny_paid",
    "organising.copy": "organising_api.copy",
    "organising.count_delivery": "organising_api.deliver",
    "organising.describe": "organising_api.describe",
    "organising.discard": "organising_api.discard",
    "organising.drop_account": "organising_api.drop_account",
    "organising.hand_back": "refunds_api.hand_back",
    "chargebacks.accept": "chargebacks_api.accept",
    "chargebacks.answer": "chargebacks_api.answer",
    "organising.hand_over": "organising_api.hand_over",
    "organising.look_at_statement": "organising_api.look_at_statement",
    "organising.make_final": "organising_api.make_final",
    "organising.mark_ordered": "organising_api.mark_ordered",
    "organising.move_pickup": "organising_api.move_pickup",
    "organising.name_account": "organising_api.name_account",
    "organising.name_guest": "organising_api.name_guest",
    "organising.offer_pickup": "organising_api.add_pickup",
    "organising.order_for_guest": "organising_api.order_for_guest",
    "organising.pause": "organising_api.pause",
    "organising.publish": "group_buys_api.publish",
    "organising.read_weights": "organising_api.weigh",
    "organising.receive": "organising_api.receive",
    "organising.remove_articles": "organising_api.remove_article",
    "organising.remove_co_organiser": "organising_api.remove_co_organiser",
    "organising.remove_pickup": "organising_api.remove_pickup",
    "organising.resume": "organising_api.resume",
    "organising.say_revocability": "organising_api.change_article",
    "organising.set_rules": "organising_api.describe",
    "organising.settle": "organising_api.settle",
    "organising.ship": "organising_api.describe",
    "organising.take_articles": "organising_api.take_articles",
    "organising.take_question_back": "organising_api.take_question_back",
    "organising.tick_crate": "organising_api.tick_crate",
    "organising.tick_line": "organising_api.tick_line",
    "organising.undo_hand_over": "organising_api.undo_hand_over",
    "organising.unname_guest": "organising_api.unname_guest",
    "organising.waive": "organising_api.waive",
    "organising.weigh": "organising_api.weigh",
    "organising.withdraw_guest_order": "organising_api.withdraw_guest_order",
    "organising.withdraw_pickup": "organising_api.remove_pickup",
    "participants.accept": "invitations_api.accept",
    "participants.change_picture": "profiles_api.change_picture",
    "participants.change_role": "organisations_api.change_role",
    "participants.decline": "invitations_api.decline",
    "participants.edit_own_profile": "profiles_api.edit_own_profile",
    "participants.edit_profile": "profiles_api.edit_profile",
    "participants.invite": "organisations_api.invite",
    "participants.leave": "organisations_api.leave",
    "participants.open_organisation": "organisations_api.open_organisation",
    "participants.remove": "organisations_api.remove",
    "participants.remove_picture": "profiles_api.remove_picture",
    "participants.withdraw_invitation": "organisations_api.withdraw_invitation",
    "payments.check_out": "payments_api.check_out",
    "payments.confirm_paid": "payments_api.confirm_paid",
    "payments.confirm_received": "payments_api.confirm_received",
    "payments.decide_shortfall": "shortfalls_api.decide_shortfall",
    "payments.hand_back": "refunds_api.hand_back",
    "payments.pay_by_hand": "payments_api.pay_by_hand",
    "payments.take_back": "payments_api.take_back",
    "payments.use_saved_card": "payments_api.use_saved_card",
    "revocations.declare": "revocations_api.declare",
    "revocations.refund": "revocations_api.refund",
    "series.begin": "series_api.begin",
    "series.change": "series_api.change",
    "series.follow": "series_api.follow",
    "series.pause": "series_api.pause",
    "series.resume": "series_api.resume",
    "series.skip": "series_api.skip",
    "series.stop": "series_api.stop",
    "series.unfollow": "series_api.unfollow",
}
STEPS = "A step of a page on the way to an order; a program sends the order whole."
SIGNING_IN = "Who has a token is signed in; a token must not be able to make tokens or passwords."
OPERATING = "Operators act on their own page or by commands; no token is given their rights."
AT_THE_GATEWAY = "To where money goes people say themselves, on the gateway's own page."
OF_THE_BROWSER = "It concerns the browser that shows the page."
ON_PAGES_ALONE = {
    **dict.fromkeys(
        (
            "buying.empty_basket",
            "buying.fill_usual",
            "buying.gather",
            "buying.review",
        ),
        STEPS,
    ),
    **dict.fromkeys(
        (
            "members.ask_for_reset",
            "members.change_email",
            "members.change_password",
            "members.confirm",
            "members.consent",
            "members.end_other_sessions",
            "members.end_session",
            "members.join",
            "members.make_token",
            "members.reset",
            "members.revoke_token",
            "members.send_confirmation",
            "members.sign_out",
            "members.start_demo_session",
            "members.start_session",
        ),
        SIGNING_IN,
    ),
    **dict.fromkeys(
        (
            "operations.check_books",
            "operations.mark_bounced",
            "operations.note_difference",
            "operations.publish_legal",
            "operations.reconcile",
            "operations.retry_job",
            "operations.set_fees",
            "operations.send_mail_again",
            "operations.try_refund_again",
        ),
        OPERATING,
    ),
    **dict.fromkeys(("payouts.dashboard", "payouts.set_up", "payouts.start_over"), AT_THE_GATEWAY),
    "participants.act_as": "A token acts as whom it was made for.",
    "notices.unsubscribe": "It is the one click of a mail program.",
    "site.preferences": OF_THE_BROWSER,
    "webhooks.webhook": "It is the gateway's own door.",
}


def test_what_a_page_can_do_a_program_can_do(app: Flask) -> None:
    acts, endpoints = set(), set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            endpoints.add(rule.endpoint)
        elif rule.methods and "POST" in rule.methods:
            acts.add(rule.endpoint)

    assert acts - TWINS.keys() == ON_PAGES_ALONE.keys()
    assert set(TWINS.values()) <= endpoints


def test_what_fits_through_one_door_fits_through_the_other() -> None:
    """A draft that a program made can be changed on its pages, and the other way round."""
    doors = [(ArticleIn, ArticleWords), (PickupPointIn, Pickup)]
    doors += [(DescriptionChange, page) for page in (What, RuleWords)]

    def texts(schema: type) -> dict[str, tuple[int, int, bool]]:
        return {
            name: (field.least, field.most, field.lines)
            for name, field in schema().fields.items()
            if isinstance(field, Words)
        }

    compared = set()
    for programs, page in doors:
        mine, theirs = texts(programs), texts(page)
        for name in mine.keys() & theirs.keys():
            compared.add(name)
            assert mine[name] == theirs[name], name

    assert compared >= {"address", "category", "description", "maker", "order_number", "title"}
