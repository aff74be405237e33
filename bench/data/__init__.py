"""What the benchmarks run over: appeals, homes, servers and the references' own files, kept between runs."""
