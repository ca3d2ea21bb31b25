"""How gunicorn serves the example site (the address is given on the command line)."""

workers = 2
threads = 4
preload_app = True
graceful_timeout = 10
# Nobody stands in front of the demo, so nobody's word about the client's address or scheme is taken.
forwarded_allow_ips = ""
# Newer versions would put a control socket into the home directory; older ones skip this line.
control_socket_disable = True
