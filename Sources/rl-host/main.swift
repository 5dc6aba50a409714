print("rl-host")
