"""The benchmarks behind the speed goals: each row is measured together with its floor."""
