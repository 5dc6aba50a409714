extern int CParallel_placeholder; int CParallel_placeholder;
