-- The engine opens its ports when it is told to, not by itself.
SYSTEM START LISTEN TCP;
SYSTEM START LISTEN HTTP;
