"""The work groups' wire: the WeCom AI bot over its long connection, and the send-only webhook robot."""
