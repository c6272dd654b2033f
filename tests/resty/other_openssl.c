/* Preloaded, this takes functions of OpenSSL over, as a server with an OpenSSL of its own does: with OTHER_VERSION it
 * is another version, without a copy of the same. */
#ifdef OTHER_VERSION
unsigned long OpenSSL_version_num(void)
{
    return 0x1010117fUL;
}

const char *OpenSSL_version(int what)
{
    (void)what;
    return "OpenSSL 1.1.1w";
}
#else
void *OSSL_LIB_CTX_new(void)
{
    return 0;
}
#endif
