package io.mtdagent;

import java.util.Collection;
import java.util.List;

/**
 * Reads posture, apps and installation files. Called on the thread {@code mtd-errands}; may take seconds. Throws
 * {@link MtdException#sensorDenied}; anything else counts as {@link MtdException#sensorFailed}.
 */
public interface MtdSensors {
    /** What the device is, and what is wrong with its settings. */
    final class Posture {
        final String platform;
        final String osVersion;
        final String model;
        final String patchLevel;
        final Collection<String> findings;
        final Collection<String> unknown;

        /**
         * @param platform {@code android}
         * @param osVersion version of the system
         * @param model maker's model name, or null
         * @param patchLevel date of the security patch, {@code YYYY-MM-DD}, or null
         * @param findings names of classifications, such as {@code NO_DEVICE_LOCK}
         * @param unknown those that the system does not tell now: what was found of them before stays. One that is in
         *        neither is resolved
         */
        public Posture(String platform, String osVersion, String model, String patchLevel,
                Collection<String> findings, Collection<String> unknown) {
            this.platform = platform;
            this.osVersion = osVersion;
            this.model = model;
            this.patchLevel = patchLevel;
            this.findings = findings;
            this.unknown = unknown;
        }
    }

    /** What the device is. Never null. */
    Posture posture() throws MtdException;

    /** Every app the system shows. A list that the system cut short must be thrown away, not returned. */
    List<MtdApp> apps() throws MtdException;

    /**
     * SHA-256 of an app's installation file, 32 bytes. Asked for apps from no store, while the device charges.
     *
     * @param packageName as {@link #apps} named it
     * @throws MtdException {@link MtdException#sensorDenied} where the file is not there or cannot be read
     */
    byte[] hash(String packageName) throws MtdException;
}
