"""The commonest of Slack's emoji names. A name that isn't here stays the text that it is."""

from __future__ import annotations

_TABLE = """
👍 +1 thumbsup  👎 -1 thumbsdown  👌 ok_hand  👋 wave  👏 clap  🙏 pray  🙌 raised_hands  💪 muscle
👉 point_right  👈 point_left  ☝️ point_up  👇 point_down  👀 eyes  😄 smile  🙂 slightly_smiling_face
😂 joy  🤔 thinking_face  🎉 tada  ❤️ heart  🔥 fire  💥 boom  ⚡ zap  🚨 rotating_light  ⚠️ warning
⛔ no_entry  🛑 octagonal_sign  🚧 construction  🔔 bell  🔕 no_bell  📣 mega  📢 loudspeaker  🆘 sos
🚑 ambulance  🚒 fire_engine  ⌛ hourglass  ⏳ hourglass_flowing_sand  ⏱️ stopwatch  ⏰ alarm_clock
🕐 clock1  📅 calendar date  🗓️ spiral_calendar_pad  ✅ white_check_mark  ✔️ heavy_check_mark
☑️ ballot_box_with_check  ❌ x  ➕ heavy_plus_sign  ❓ question  ❗ exclamation  ‼️ bangbang
ℹ️ information_source  💡 bulb  🔍 mag  📌 pushpin  📍 round_pushpin  📝 memo pencil  ✏️ pencil2
📋 clipboard  🔗 link  🔒 lock  🔓 unlock  🔑 key  ⚙️ gear  🔧 wrench  🔨 hammer  🛠️ hammer_and_wrench
🚀 rocket  🔴 red_circle  🟠 large_orange_circle  🟡 large_yellow_circle  🟢 large_green_circle
🔵 large_blue_circle  ⚪ white_circle  ⚫ black_circle  📊 bar_chart  📈 chart_with_upwards_trend
📉 chart_with_downwards_trend  💬 speech_balloon  👤 bust_in_silhouette  👥 busts_in_silhouette  ⭐ star
👑 crown  🛡️ shield  🐛 bug  🔁 repeat  🔄 arrows_counterclockwise  ➡️ arrow_right  ⬆️ arrow_up
⬇️ arrow_down  ☀️ sunny  📚 books  📄 page_facing_up  🤖 robot_face  💔 broken_heart  💯 100  🌱 seedling
🏁 checkered_flag  📞 telephone_receiver  📹 video_camera  ☕ coffee
"""
_ENTRIES = [entry.split() for line in _TABLE.strip().splitlines() for entry in line.split("  ")]

EMOJI: dict[str, str] = {name: emoji for emoji, *names in _ENTRIES for name in names}

PICKER: tuple[str, ...] = (
    *("pushpin", "ballot_box_with_check", "+1", "eyes", "white_check_mark", "tada"),
    *("heart", "fire", "rotating_light", "thinking_face", "pray", "x"),
)
"""What the page's reaction picker offers, the ones that incident work needs first."""


def shown(name: str) -> str:
    """The emoji of a reaction's name, or ``:name:`` where we don't have it."""
    return EMOJI.get(name.split("::", maxsplit=1)[0], f":{name}:")
