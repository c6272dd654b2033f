"""The tests' nginx for the suites: one worker, our Lua modules and what a suite brings."""

import os
import sys

from context import HERE, Skipped


def module(context):
    """tests/resty/nginx.py, for the Lua modules of the build."""
    os.environ["AZATTEST_LUA_TREE"] = str(context.build / "lua/luajit")
    sys.path.insert(0, str(HERE.parent / "resty"))
    try:
        import nginx
    finally:
        sys.path.pop(0)
    return nginx


def start(context, init, locations, **options):
    """A running Nginx. `init` is Lua that runs before the worker is made."""
    nginx = module(context)
    if not nginx.available:
        raise Skipped("there is no nginx with Lua (nginx, libnginx-mod-http-lua), or its Lua modules are not built")
    http = (f"keepalive_requests 100000000; lua_shared_dict azattest 1m; init_by_lua_block {{ package.cpath ="
            f" '{context.build}/tests/?.so;' .. package.cpath; {init} }}")
    return nginx.Nginx(locations, http=http, ca_file=context.service.ca_file, log_level="warn", **options)
