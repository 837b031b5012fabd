//! Names of months in the languages of the pages that pullquote reads, and the small words between the parts of a date.
//!
//! Full names in the case that a date puts them in, and usual abbreviations; lower case, composed. A name that stands
//! for different months in two of the languages must not be here.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

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
     pazartesi salı çarşamba perşembe cuma cumartesi pazar";

/// The number of each name. Hundreds of names are too many to compare with one by one for each date of a page.
static NUMBERS: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    let named = |(number, names): (u32, &&'static str)| names.split_ascii_whitespace().map(move |name| (name, number));
    (1..).zip(MONTHS.iter()).flat_map(named).collect()
});

/// The number of the month of that name (in lower case).
pub(super) fn by_name(word: &str) -> Option<u32> {
    NUMBERS.get(word).copied()
}

/// The small words, for the same reason.
static SMALL: LazyLock<HashSet<&str>> = LazyLock::new(|| FILLERS.split_ascii_whitespace().collect());

/// Whether the word (in lower case) says nothing about the day.
pub(super) fn is_filler(word: &str) -> bool {
    SMALL.contains(word)
}

#[cfg(test)]
mod tests {
    use super::MONTHS;

    #[test]
    fn no_name_stands_for_two_months() {
        let mut names: Vec<&str> = MONTHS.iter().flat_map(|names| names.split_ascii_whitespace()).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
