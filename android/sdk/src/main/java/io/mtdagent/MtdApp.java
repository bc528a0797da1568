package io.mtdagent;

import java.util.ArrayList;
import java.util.List;

/** One installed app. Everything but the identifier may be left unknown, and unknown is not false. */
public final class MtdApp {
    /** A size or a time that is not known. */
    public static final long UNKNOWN = -1L;

    /** One signer certificate (DER) by its digests; one of them may be null. */
    public static final class Signer {
        final byte[] sha1;
        final byte[] sha256;

        /**
         * @param sha1 20 bytes or null
         * @param sha256 32 bytes or null
         */
        public Signer(byte[] sha1, byte[] sha256) {
            this.sha1 = sha1 == null ? null : sha1.clone();
            this.sha256 = sha256 == null ? null : sha256.clone();
        }
    }

    final String id;
    final List<Signer> signers = new ArrayList<Signer>(1);

    /** Package name of the app that installed it, or null. */
    public String installer;
    /** Shown name, or null. */
    public String name;
    /** Marketing version, or null. */
    public String shortVersion;
    /** Build version, or null. */
    public String version;
    /** Static size in bytes, or {@link #UNKNOWN}. */
    public long bundleBytes = UNKNOWN;
    /** Size of its data in bytes, or {@link #UNKNOWN}. */
    public long dynamicBytes = UNKNOWN;
    /** When it was last updated, milliseconds since 1970, or {@link #UNKNOWN}; stays on the device. */
    public long updatedAtMillis = UNKNOWN;
    /** From a beta channel; null where not known. */
    public Boolean beta;
    /** Deployed by the organisation; null where not known. */
    public Boolean managed;
    /** Can run; null where not known. */
    public Boolean validated;

    /** @param id the package name, 1 to 255 bytes of UTF-8 without control characters */
    public MtdApp(String id) {
        this.id = id;
    }

    /** Adds a signer; at most eight are kept. */
    public void addSigner(Signer signer) {
        if (signers.size() < 8) {
            signers.add(signer);
        }
    }
}
