"""A rule read back as a sentence."""

import pytest

from tests.workbench.schedules.test_dialect import rule


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("@daily", "At 00:00 every day"),
        ("@hourly", "Every hour at :00"),
        ("@weekly", "At 00:00 every Sunday"),
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("*/7 * * * *", "Every hour at :00, :07, :14, :21, :28, :35, :42, :49 and :56"),
        ("0,30 * * * *", "Every hour at :00 and :30"),
        ("10-20 * * * *", "Every hour at :10 to :20"),
        ("0 0 1 * 1", "At 00:00 every Monday"),
        ("0 0 1-10 * mon", "At 00:00 on the 1st to 10th of every month"),
        ("0 0 1 * *", "At 00:00 on the 1st of every month"),
        ("0 0 1,11,21 * *", "At 00:00 on the 1st, 11th and 21st of every month"),
        ("0 0 2,3,22,23,31 * *", "At 00:00 on the 2nd, 3rd, 22nd, 23rd and 31st of every month"),
        ("30 */2 1 * *", "Every 2 hours at :30 on the 1st of every month"),
        ("0 0 */5 * *", "At 00:00 on the 5th, 10th, 15th, 20th, 25th and 30th of every month"),
        ("0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
        ("0 9 * * mon-fri", "At 09:00 every Monday to Friday"),
        ("0 9 * * mon,wed,fri", "At 09:00 every Monday, Wednesday and Friday"),
        ("0,30 8,17 * * *", "At 08:00, 08:30, 17:00 and 17:30 every day"),
        ("*/5 8-17 * * *", "Every 5 minutes from 08:00 to 17:59"),
        ("* 3 * * *", "Every minute from 03:00 to 03:59"),
        ("5,35 8-12,20 * * sat", "At :05 and :35 from 08:00 to 12:59 and 20:00 to 20:59 every Saturday"),
        ("0 0 * jan,jul *", "At 00:00 every day in January and July"),
        ("0 * * dec *", "Every hour at :00 every day in December"),
        ("15 6 25 dec *", "At 06:15 on the 25th of December"),
        ("0 12 * jun-aug sun", "At 12:00 every Sunday in June to August"),
    ],
)
def test_sentences(text, sentence):
    assert rule(text).sentence() == sentence
