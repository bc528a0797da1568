package io.mtdagent;

/**
 * Keeps the agent's P-256 keys. A private key never leaves it.
 *
 * <p>Called on the thread {@code mtd-errands}, {@link #dataKey} also on the thread of {@link MtdAgent#start}. May take
 * seconds. Throws what {@link MtdException} has factories for; anything else counts as
 * {@link MtdException#keyStoreBusy}: only a store that says so has lost a key.
 */
public interface MtdKeyStore {
    /** One of the two places for a key. */
    enum Slot {
        /** The first. */
        A,
        /** The second. */
        B
    }

    /** How the private key is kept. */
    enum Protection {
        /** A secure element or trusted execution environment. */
        SECURE_HARDWARE,
        /** The operating system's key service, in software. */
        SYSTEM,
        /** A file only this app can read. */
        SANDBOX
    }

    /** The public half of a key. */
    final class PublicHalf {
        final byte[] spki;
        final Protection protection;

        /**
         * @param spki SubjectPublicKeyInfo, DER, as {@code java.security.PublicKey.getEncoded} gives it
         * @param protection how the private half is kept; reported, never assumed
         */
        public PublicHalf(byte[] spki, Protection protection) {
            this.spki = spki.clone();
            this.protection = protection;
        }
    }

    /** The key in the slot, null if there is none. */
    PublicHalf find(Slot slot) throws MtdException;

    /** Makes a key in the slot in place of the one there. Never null. */
    PublicHalf make(Slot slot) throws MtdException;

    /**
     * Signs the unhashed message with the key in the slot: {@code SHA256withECDSA}, whose DER form is what is wanted.
     */
    byte[] sign(Slot slot, byte[] message) throws MtdException;

    /** Destroys the key in the slot. No key there is a success. */
    void destroy(Slot slot) throws MtdException;

    /** The 32 bytes that seal the agent's files, made at the first call, the same ever after. */
    byte[] dataKey() throws MtdException;

    /** Destroys the bytes that seal the agent's files. */
    void destroyDataKey() throws MtdException;
}
