print("rl-bench")
