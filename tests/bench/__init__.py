"""The hotline beside a pure-dialplan IVR on the same Asterisk, in turns: call rates, CPU and delays as ratios."""
