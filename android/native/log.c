/*
 * The crate android_logger names a function of liblog that no public header has before API 30; a strong import that is
 * not there stops the loading of the library. It calls it only for a log other than the main one, which we never ask
 * for: such a message goes to the main log.
 * Hidden: nothing of the app is replaced.
 */
int __android_log_write(int priority, const char *tag, const char *text);

__attribute__((visibility("hidden"))) int __android_log_buf_write(int log, int priority, const char *tag,
                                                                  const char *text) {
    (void)log;
    return __android_log_write(priority, tag, text);
}
