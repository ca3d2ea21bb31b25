"""What template engines and formatters would run, had they been asked."""

PAYLOADS = [
    "[[SIGNATURE]]", "[[CUSTOMER NAME]]", "[[LOCKED]]", "[[/LOCKED]]", "[[[[SIGNATURE]]]]", "{{7*7}}", "{{ 7*7 }}",
    "{{ case.delete }}", "{{ case.owner.password }}", "{% debug %}", "{% load log %}{% get_admin_log 9 as x %}",
    '{% for i in "x"|ljust:"99999999" %}x{% endfor %}', "{# x #}", "{0.__class__}", "{case.__init__.__globals__}",
    "{event.__init__.__code__.co_consts}", "{!r}", "{}", "{{", "}}", "%(x)s", "%s %d %n", "%%", "${7*7}", "$name",
    "#{7*7}", "<%= 7*7 %>", "<% raise 1 %>", "{php}echo 1{/php}", "@(7*7)", "*{7*7}", "~{x}", "\\x41\\u0041",
    "\\1 \\g<0>", "a|b.*(c", "'; DROP TABLE x; --", "<script>alert(1)</script>", "&lt;b&gt;", "__import__('os')",
    "{{request.application.__globals__}}", "{{config}}", "{{''.__class__.__mro__[1].__subclasses__()}}", "=1+1",
]  # fmt: skip
