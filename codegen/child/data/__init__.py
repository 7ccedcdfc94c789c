"""What `codegen.training.data_code` prints data.py from. Nobody imports it."""
