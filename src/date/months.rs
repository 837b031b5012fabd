//! Names of months in the languages of the pages that pullquote reads, and the small words between the parts of a date.
//!
//! Full names in the case that a date puts them in, and usual abbreviations; lower case, composed. A name that stands
//! for different months in two of the languages must not be here, but for `listopada`, which the dot behind the day tells apart.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// January to December.
const MONTHS: [&str; 12] = [
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia styczeń sty ledna leden \
     januára január tammikuuta tammikuu ianuarie ian января янв січня ocak oca ιανουαρίου ιαν gener",
    "february feb februar feber février févr fév fevrier febrero febbraio fevereiro fev februari lutego luty lut února \
     únor februára február febr helmikuuta helmikuu februarie февраля фев лютого şubat şub φεβρουαρίου φεβ febrer",
    "march mar märz mrz mär maerz mars marzo março marco maart mrt marts marca marzec března březen március márc \
     maaliskuuta maaliskuu martie марта мар березня mart μαρτίου μαρ març",
    "april apr avril avr abril abr aprile kwietnia kwiecień kwi dubna duben apríla április ápr huhtikuuta huhtikuu \
     aprilie апреля апр квітня nisan nis απριλίου απρ",
    "may mai mayo maggio mag maio mei maj maja května květen mája május máj toukokuuta toukokuu мая май травня mayıs \
     μαΐου μαϊ maig",
    "june jun juni juin junio giugno giu junho czerwca czerwiec cze června červen júna június jún kesäkuuta kesäkuu \
     iunie iun июня июн червня haziran haz ιουνίου ιουν juny",
    "july jul juli juillet juil julio luglio lug julho lipca lipiec července červenec júla július júl heinäkuuta \
     heinäkuu iulie iul июля июл липня temmuz tem ιουλίου ιουλ juliol",
    "august aug août aout agosto ago augusti augustus sierpnia sierpień sie srpna srpen augusta augusztus elokuuta \
     elokuu августа авг серпня ağustos ağu αυγούστου αυγ agost",
    "september sep sept septembre septiembre setiembre settembre set setembro września wrzesień wrz září septembra \
     szeptember szept syyskuuta syyskuu septembrie сентября сен вересня eylül eyl σεπτεμβρίου σεπ setembre",
    "october oct oktober okt octobre octubre ottobre ott outubro out października październik paź října říjen októbra \
     október lokakuuta lokakuu octombrie октября окт жовтня ekim eki οκτωβρίου οκτ",
    "november nov novembre noviembre novembro listopada listopadu listopad novembra marraskuuta marraskuu noiembrie \
     ноября ноя листопада kasım kas νοεμβρίου νοε",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro desember des grudnia grudzień gru \
     prosince prosinec decembra joulukuuta joulukuu decembrie декабря дек грудня aralık ara δεκεμβρίου δεκ desembre",
];

/// The same in further languages, most of which X and other places set their embeds in. Of Arabic both the names of Egypt
/// and the Gulf and the single words of the Levant and the Maghreb.
const MORE: [&str; 12] = [
    "siječnja јануар јануари януари sausio janvāris jaanuar janúar urtarrilaren xaneiro ionawr janar yanvar januarie \
     يناير جانفي ژانویه ژانویهٔ جنوری ינואר בינואר जनवरी जानेवारी জানুয়ারি জানুয়ারী ஜனவரி જાન્યુઆરી ಜನವರಿ มกราคม იანვარი հունվարի januarja 一月",
    "veljače фебруар февруари vasario februāris veebruar febrúar otsailaren febreiro chwefror shkurt fevral pebrero \
     فبراير فيفري شباط فوریه فوریهٔ فروری פברואר בפברואר फ़रवरी फरवरी फेब्रुवारी ফেব্রুয়ারি ফেব্রুয়ারী பிப்ரவரி ફેબ્રુઆરી ಫೆಬ್ರವರಿ กุมภาพันธ์ თებერვალი \
     փետրվարի februarja 二月",
    "ožujka март kovo märts martxoaren mawrth maret mac marso مارس آذار مارچ מרץ במרץ מרס मार्च মার্চ மார்ச் માર્ચ ಮಾರ್ಚ್ มีนาคม მარტი \
     մարտի 三月",
    "travnja април balandžio aprīlis aprill apríl apirilaren ebrill prill aprel أبريل ابريل إبريل أفريل نيسان آوریل اپریل אפריל באפריל \
     अप्रैल एप्रिल এপ্রিল ஏப்ரல் એપ્રિલ ಏಪ್ರಿಲ್ เมษายน აპრილი ապրիլի aprila 四月",
    "svibnja мај gegužės maijs maí maiatzaren مايو ماي أيار مه مهٔ می مئی מאי במאי मई मे মে மே મે ಮೇ พฤษภาคม მაისი մայիսի 五月",
    "lipnja јун јуни юни birželio jūnijs juuni júní ekainaren xuño mehefin qershor iyun junie hunyo junij junija يونيو جوان حزيران ژوئن \
     جون יוני ביוני जून জুন ஜூன் જૂન ಜೂನ್ มิถุนายน ივნისი հունիսի 六月",
    "srpnja јул јули юли liepos jūlijs juuli júlí uztailaren xullo gorffennaf korrik iyul julie julai hulyo julij julija يوليو يوليوز \
     جويلية تموز ژوئیه ژوئیهٔ جولای جولائی יולי ביולי जुलाई जुलै জুলাই ஜூலை જુલાઈ ಜುಲೈ กรกฎาคม ივლისი հուլիսի 七月",
    "kolovoza август rugpjūčio augusts ágúst abuztuaren awst gusht avqust avgust avgusta agustus ogos أغسطس غشت أوت آب اوت آگوست اگست \
     אוגוסט באוגוסט अगस्त ऑगस्ट আগস্ট ஆகஸ்ட் ઑગસ્ટ ಆಗಸ್ಟ್ สิงหาคม აგვისტო օգոստոսի 八月",
    "rujna септембар септември rugsėjo septembris irailaren medi shtator sentyabr setyembre septembar سبتمبر شتنبر أيلول سپتامبر ستمبر \
     ספטמבר בספטמבר सितंबर सितम्बर सप्टेंबर সেপ্টেম্বর செப்டம்பர் સપ્ટેમ્બર ಸೆಪ್ಟೆಂಬರ್ กันยายน სექტემბერი սեպտեմբերի 九月",
    "октобар октомври spalio oktobris oktoober urriaren hydref tetor oktyabr oktubre oktobar oktobra أكتوبر اكتوبر اکتبر اکتوبر אוקטובר \
     באוקטובר अक्टूबर अक्तूबर ऑक्टोबर অক্টোবর அக்டோபர் ઑક્ટોબર ಅಕ್ಟೋಬರ್ ตุลาคม ოქტომბერი հոկտեմբերի 十月",
    "studenoga studenog новембар ноември lapkričio novembris nóvember azaroaren tachwedd nëntor noyabr nobyembre novembar نوفمبر نونبر \
     نوامبر نومبر נובמבר בנובמבר नवंबर नवम्बर नोव्हेंबर নভেম্বর நவம்பர் નવેમ્બર ನವೆಂಬರ್ พฤศจิกายน ნოემბერი նոյեմբերի 十一月",
    "prosinca децембар декември gruodžio decembris detsember abenduaren decembro rhagfyr dhjetor dekabr disember disyembre decembar \
     ديسمبر دجنبر دسامبر دسمبر דצמבר בדצמבר दिसंबर दिसम्बर डिसेंबर ডিসেম্বর டிசம்பர் ડિસેમ્બર ಡಿಸೆಂಬರ್ ธันวาคม დეკემბერი դեկտեմբերի 十二月",
];

/// Words that may stand in a date and say nothing: articles, ordinal endings, words before a time, weekdays.
const FILLERS: &str = "the of at on st nd rd th am um uhr den der le à er e de del d l di il alle ore el a las do da dnia \
     kl klo om o h г года р року r roku saat utc gmt \
     monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun \
     montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so \
     lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo \
     lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta feira \
     maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag \
     mandag tirsdag lørdag søndag poniedziałek wtorek środa czwartek piątek sobota niedziela \
     pondělí úterý středa čtvrtek pátek neděle понедельник вторник среда четверг пятница суббота воскресенье \
     pazartesi salı çarşamba perşembe cuma cumartesi pazar \
     m gada ko u ora g god jam pukul ng ص م ساعة الساعة في ساعت ב בשעה";

/// The number of each name. Hundreds of names are too many to compare with one by one for each date of a page.
static NUMBERS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let tables = MONTHS.iter().zip(MORE.iter());
    let named = |(number, (names, more)): (u32, (&&'static str, &&'static str))| {
        let names = names.split_whitespace().chain(more.split_whitespace());
        // As dates are compared: some letters are written in two ways.
        names.map(move |name| (name.nfkc().collect(), number)).collect::<Vec<_>>()
    };
    (1..).zip(tables).flat_map(named).collect()
});

/// The number of the month of that name (in lower case).
pub(super) fn by_name(word: &str) -> Option<u32> {
    NUMBERS.get(word).copied()
}

/// How far the years of the Buddhist calendar, which Thai dates have, are ahead.
pub(super) const BUDDHIST: u32 = 543;

/// Whether a word is written in Thai.
pub(super) fn is_thai(word: &str) -> bool {
    word.starts_with(|c: char| matches!(c, '\u{e01}'..='\u{e5b}'))
}

/// The number of a month as Vietnamese writes it behind `tháng`: in words.
pub(super) fn vietnamese(word: &str, next: Option<&str>) -> Option<u32> {
    const NUMBERS: [&str; 10] = ["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    let number = NUMBERS.iter().position(|known| *known == word)?;
    let more = match next {
        Some("một") if number == 9 => 1,
        Some("hai") if number == 9 => 2,
        _ => 0,
    };
    u32::try_from(number + 1 + more).ok()
}

/// The small words, for the same reason.
static SMALL: LazyLock<HashSet<&str>> = LazyLock::new(|| FILLERS.split_ascii_whitespace().collect());

/// Whether the word (in lower case) says nothing about the day.
pub(super) fn is_filler(word: &str) -> bool {
    SMALL.contains(word)
}

#[cfg(test)]
mod tests {
    use super::{MONTHS, MORE};

    #[test]
    fn no_name_stands_for_two_months() {
        let mut names: Vec<&str> =
            MONTHS.iter().chain(&MORE).flat_map(|names| names.split_ascii_whitespace()).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
