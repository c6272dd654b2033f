"""The tests' own nginx: it serves, sees what went wrong, and leaves nothing behind."""

import unittest

from nginx import Nginx, needs_nginx


@needs_nginx
class Harness(unittest.TestCase):
    def test_a_location_answers_and_the_modules_of_the_build_are_found(self):
        with Nginx({"/version": "ngx.print(require('azattest.core').version())", "/null": "{ return 204; }"}) as nginx:
            self.assertRegex(nginx.get("/version").text, r"^\d+\.\d+\.\d+$")
            self.assertEqual(nginx.get("/null").status, 204)
            folder, process = nginx.folder, nginx.process
        self.assertEqual(process.returncode, 0)
        self.assertFalse(folder.exists())

    def test_a_failing_test_leaves_no_nginx_behind(self):
        with self.assertRaises(KeyError):
            with Nginx() as nginx:
                raise KeyError
        self.assertIsNotNone(nginx.process.poll())
        self.assertFalse(nginx.folder.exists())

    def test_a_configuration_that_is_none_tells_its_message(self):
        with self.assertRaisesRegex(AssertionError, "no_such_directive"):
            Nginx(http="no_such_directive on;").start()

    def test_a_critical_message_fails_the_test(self):
        nginx = Nginx({"/log": "ngx.log(ngx.CRIT, 'it burns')"}).start()
        nginx.get("/log")
        with self.assertRaisesRegex(AssertionError, "it burns"):
            nginx.stop()
        with Nginx({"/log": "ngx.log(ngx.CRIT, 'it burns')"}, allowed=["it burns"]) as nginx:
            nginx.get("/log")

    def test_a_reload_changes_the_worker(self):
        with Nginx({"/pid": "ngx.print(ngx.worker.pid())"}) as nginx:
            before = int(nginx.get("/pid").text)
            self.assertEqual([before], nginx.workers())
            nginx.reload()
            self.assertNotEqual(before, int(nginx.get("/pid").text))


if __name__ == "__main__":
    unittest.main()
